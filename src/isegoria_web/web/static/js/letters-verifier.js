// Redo a draw of the letters as far as it can be done without the register, written from docs/draw-record.md alone. It
// shares the alphabet of hashes, shapes and sources with draw-verifier.js beside it, and no line with the library.

import { sha256 } from "../vendor/noble-hashes-2.4.0.js";
import {
  alphabet,
  below,
  canonical,
  differingList,
  differs,
  digest,
  parsed,
  part,
  randomnessSteps,
  rootOf,
  run,
  spelling,
} from "./draw-verifier.js";

const { demand, exactly, fraction, fractionText, fromHex, hex, instant, isObject, joined, listOf } = alphabet;
const { announcedShape, lp, mappingOf, matching, microseconds, natural, nullable, own, record, rulebookShape } = alphabet;
const { salt, sha, side, text, utf8, valuesShape, written } = alphabet;

// Version 3 is of draws by groups whose walk has more places than there are letters, for waves that come later.
const METHODS = { 2: "isegoria-letters/2", 3: "isegoria-letters/3" };
const COMMITMENTS = { 2: "isegoria-letter-commitment/2", 3: "isegoria-letter-commitment/3" };
const RECORDS = { 2: "isegoria-letter-draw/2", 3: "isegoria-letter-draw/3" };
const VERSIONS = ["2", "3"];
const WAVES = "isegoria-letter-waves/1";
const RECEIPT = "isegoria-letter-receipt/1";

const digits = matching(/^[0-9a-f]{64}$/, "64 hexadecimal digits");
const STRATUM = { stratum: text, eligible: natural, letters: natural, waves: listOf(natural), chance: fractionText };
const promised = (version) => ({
  specification: record({
    institution: text,
    body: text,
    cycle: text,
    eligibility: text,
    design: record({
      method: exactly(METHODS[version]),
      names: matching(/^(?:pseudonym|number)$/, "pseudonym or number"),
      stratified_by: nullable(text),
      allocation: matching(/^(?:proportional|chosen)$/, "proportional or chosen"),
      groups: listOf(text),
    }),
    software: text,
    rulebook: rulebookShape,
    randomness: announcedShape,
  }),
  register: record({
    extract_sha256: sha,
    rows: natural,
    root: nullable(sha),
    strata: listOf(record(version === "3" ? { ...STRATUM, places: natural } : STRATUM)),
  }),
  commitments: record({ specification: sha, register: sha }),
  committed_at: instant,
  hash: sha,
});
const DRAWN = {
  commitment: sha,
  randomness: valuesShape,
  seed: sha,
  result: record({
    letters: natural,
    strata: listOf(
      record({ stratum: text, cut_offs: nullable(listOf(nullable(digits))), start: nullable(natural) }),
    ),
  }),
};
const SHAPES = {};
for (const version of VERSIONS) {
  const [before, after] = [COMMITMENTS[version], RECORDS[version]];
  SHAPES[before] = record({ format: exactly(before), ...promised(version) });
  SHAPES[after] = record({ format: exactly(after), ...promised(version), ...DRAWN });
}
const isRecord = (document) => isObject(document) && Object.values(RECORDS).includes(document.format);
const hasPlaces = ({ format }) => format === RECORDS[3];
/** The record inside a file of waves may be of either version. */
const anyRecord = (value, where) => SHAPES[isRecord(value) ? value.format : RECORDS[2]](value, where);
const day = matching(/^\d{4}-(?:0[1-9]|1[0-2])-(?:0[1-9]|[12]\d|3[01])$/, "a day");
SHAPES[WAVES] = record({
  format: exactly(WAVES),
  record: anyRecord,
  waves: listOf(
    record({
      wave: natural,
      previous: sha,
      reason: mappingOf(text),
      reply_by: day,
      drawn_at: instant,
      letters: natural,
      strata: listOf(record({ stratum: text, letters: natural, chance: fractionText, cut_off: nullable(digits) })),
      hash: sha,
    }),
  ),
  hash: sha,
});
const RECEIPT_SHAPE = record({
  format: exactly(RECEIPT),
  pseudonym: digits,
  stratum: text,
  salt,
  path: listOf(record({ side, hash: sha })),
});

/** Whether a file says that it is one of the draw of the letters. */
export const isOfLetters = (document) =>
  isObject(document) && typeof document.format === "string" && Boolean(own(SHAPES, document.format));

function format(document) {
  const known = isObject(document) && typeof document.format === "string" && own(SHAPES, document.format);
  demand(known ? null : `the format is neither ${RECORDS[3]} nor ${COMMITMENTS[3]}, nor their /2`);
  demand(SHAPES[document.format](document, "$"));
  canonical(document);
}

function documentHash({ hash, ...rest }) {
  return differs("hash", hash, digest(rest));
}

// -- the strata ----------------------------------------------------------------------------------------

function strata({ specification, register }) {
  const all = register.strata;
  const names = new Set(all.map((one) => one.stratum));
  demand(names.size === all.length ? null : "a stratum stands twice");
  all.forEach((one, index) => {
    const where = `register.strata[${index}]`;
    demand(one.letters <= one.eligible ? null : `${where} has more letters than eligible persons`);
    const sent = one.waves.reduce((total, letters) => total + BigInt(letters), 0n);
    const fits = sent === BigInt(one.letters) && one.waves.length === all[0].waves.length;
    demand(fits ? null : `${where}.waves do not add up to its letters`);
    const places = one.places ?? one.letters;
    const holds = one.letters <= places && places <= one.eligible;
    demand(holds ? null : `${where}.places are not from its letters to its eligible persons`);
    const chance = one.eligible ? fraction(BigInt(one.letters), BigInt(one.eligible)) : fraction(0n);
    demand(differs(`${where}.chance`, one.chance, written(chance)));
  });
  const { design } = specification;
  demand(design.stratified_by === null && all.length !== 1 ? "there are several strata, but no column of strata" : null);
  const twice = new Set(design.groups).size !== design.groups.length;
  demand(twice ? "a column of specification.design.groups stands twice" : null);
  const ungrouped = design.method === METHODS[3] && design.groups.length === 0;
  demand(ungrouped ? `specification.design.groups is empty, but ${METHODS[3]} draws by groups` : null);
  if (design.allocation === "proportional") proportional(all);
  const eligible = all.reduce((total, one) => total + BigInt(one.eligible), 0n);
  return eligible > BigInt(register.rows) ? `${eligible} persons are eligible, more than the extract has rows` : null;
}

/** Each wave is shared out by largest remainders. */
function proportional(all) {
  for (let wave = 0; wave < (all[0]?.waves.length ?? 0); wave += 1) {
    const letters = all.reduce((total, one) => total + BigInt(one.waves[wave]), 0n);
    const shares = sharesOf(all, letters);
    all.forEach((one, index) => {
      const found = BigInt(one.waves[wave]);
      demand(differs(`the share of register.strata[${index}] in wave ${wave + 1}`, found, shares[index]));
    });
  }
}

function sharesOf(all, letters) {
  const people = all.reduce((total, one) => total + BigInt(one.eligible), 0n);
  if (!people) return all.map(() => 0n);
  const exact = all.map((one) => letters * BigInt(one.eligible));
  const shares = exact.map((one) => one / people);
  let left = letters - shares.reduce((total, one) => total + one, 0n);
  const order = all.map((_, index) => index);
  order.sort((one, other) => {
    const [a, b] = [exact[one] % people, exact[other] % people];
    return a === b ? byCodePoints(all[one].stratum, all[other].stratum) : a > b ? -1 : 1;
  });
  for (const index of order) {
    if (!left) break;
    shares[index] += 1n;
    left -= 1n;
  }
  return shares;
}

function byCodePoints(one, other) {
  const [a, b] = [Array.from(one), Array.from(other)];
  for (let index = 0; index < Math.min(a.length, b.length); index += 1) {
    const difference = a[index].codePointAt(0) - b[index].codePointAt(0);
    if (difference) return difference;
  }
  return a.length - b.length;
}

// -- from the seed to the letters ----------------------------------------------------------------------

function commitment(document, published) {
  const { specification, register, commitments, committed_at } = document;
  const version = VERSIONS.find((one) => RECORDS[one] === document.format);
  const promise = version ? COMMITMENTS[version] : document.format;
  const expected = digest({ format: promise, specification, register, commitments, committed_at });
  const stated = version ? document.commitment : document.hash;
  demand(differs("commitment", stated, expected));
  if (published) demand(differs("the commitment", stated, published));
  const late = specification.randomness.findIndex(
    (one) => one.moment !== null && microseconds(one.moment) <= microseconds(committed_at),
  );
  return late < 0 ? null : `specification.randomness[${late}].moment is not after committed_at`;
}

function seed({ commitments, randomness, seed: stated }) {
  const parts = ["specification", "register"].map((name) => fromHex(commitments[name]));
  const spoken = randomness.flatMap((one) => [lp(utf8(one.source)), lp(utf8(one.value))]);
  return differs("seed", stated, hex(sha256(joined(utf8("isegoria-letters/2\0"), ...parts, ...spoken))));
}

function cutOffs(document) {
  const { specification, register, result, seed: stated } = document;
  const names = (list) => list.map((one) => one.stratum);
  demand(differingList("the strata of result.strata", names(result.strata), names(register.strata)));
  const letters = register.strata.reduce((total, one) => total + BigInt(one.letters), 0n);
  demand(differs("result.letters", BigInt(result.letters), letters));
  const byGroups = specification.design.groups.length > 0;
  const bytes = fromHex(stated);
  register.strata.forEach((one, index) => {
    const found = result.strata[index];
    const starts = byGroups ? walks(bytes, one, found) : found.start === null;
    const none = byGroups && !hasPlaces(document);
    const fits = starts && (none ? found.cut_offs === null : rises(one.waves, found));
    demand(fits ? null : `result.strata[${index}] does not follow from the seed and its waves`);
  });
  return null;
}

function walks(bytes, { stratum, eligible, letters, places }, { start }) {
  if (!(places ?? letters)) return start === null;
  if (!eligible) return false;
  return start !== null && BigInt(start) === below(bytes, `letters:start:${stratum}`, BigInt(eligible));
}

/** Whether the cut-offs rise exactly where a wave has letters. */
function rises(waves, { cut_offs }) {
  if (cut_offs === null || cut_offs.length !== waves.length) return false;
  let before = "";
  return waves.every((letters, wave) => {
    const now = cut_offs[wave] ?? "";
    const right = letters ? now > before : now === before;
    before = now;
    return right;
  });
}

// -- waves that were drawn later -----------------------------------------------------------------------

function waves({ record: drawn, waves: later }) {
  const { register, specification, result, randomness: values } = drawn;
  demand(later.length ? null : "waves is empty");
  const inOneWalk = specification.design.groups.length > 0 && !hasPlaces(drawn);
  demand(inOneWalk ? "a draw by groups without places has no further waves" : null);
  const names = (list) => list.map((one) => one.stratum);
  demand(differingList("the strata of record.result", names(result.strata), names(register.strata)));
  let before = register.strata.map((one, index) => ({
    sent: BigInt(one.letters),
    cutOff: result.strata[index].cut_offs?.at(-1) ?? null,
  }));
  let previous = drawn.hash;
  let number = BigInt(register.strata[0]?.waves.length ?? 0);
  let since = values.map((one) => microseconds(one.obtained_at)).reduce((a, b) => (b > a ? b : a), 0n);
  later.forEach((wave, index) => {
    number += 1n;
    chained(`waves[${index}]`, wave, { number, previous, since });
    before = goesOn(`waves[${index}]`, wave, drawn, before);
    previous = wave.hash;
    since = microseconds(wave.drawn_at);
  });
  return null;
}

/** Whether a wave has its number, hangs on the one before it, and says why there is one. */
function chained(where, wave, { number, previous, since }) {
  demand(differs(`${where}.wave`, BigInt(wave.wave), number));
  demand(differs(`${where}.previous`, wave.previous, previous));
  const { hash, ...rest } = wave;
  demand(differs(`${where}.hash`, hash, digest(rest)));
  demand(Object.keys(wave.reason).length ? null : `${where} has no reason`);
  demand(wave.letters ? null : `${where} has no letters`);
  demand(microseconds(wave.drawn_at) < since ? `${where}.drawn_at is before what it follows` : null);
}

/** Whether the letters of a wave are shared out and begin where the wave before ended; returns where it ends. */
function goesOn(where, wave, { register, specification }, before) {
  const names = (list) => list.map((one) => one.stratum);
  demand(differingList(`the strata of ${where}`, names(wave.strata), names(register.strata)));
  const letters = wave.strata.reduce((total, one) => total + BigInt(one.letters), 0n);
  demand(differs(`${where}.letters`, BigInt(wave.letters), letters));
  const proportionally = specification.design.allocation === "proportional";
  const shares = proportionally ? sharesOf(register.strata, letters) : null;
  return wave.strata.map((one, index) => {
    const place = `${where}.strata[${index}]`;
    const { eligible, places } = register.strata[index];
    const sent = before[index].sent + BigInt(one.letters);
    demand(sent > BigInt(places ?? eligible) ? `${place} makes more letters than can be` : null);
    const chance = eligible ? fraction(sent, BigInt(eligible)) : fraction(0n);
    demand(differs(`${place}.chance`, one.chance, written(chance)));
    if (shares) demand(differs(`${place}.letters`, BigInt(one.letters), shares[index]));
    const last = before[index].cutOff;
    const fits = one.letters ? (one.cut_off ?? "") > (last ?? "") : one.cut_off === last;
    demand(fits ? null : `${place}.cut_off does not go on where the wave before ended`);
    return { sent, cutOff: one.cut_off };
  });
}

// -- the steps -----------------------------------------------------------------------------------------

function stepsOf(document, published) {
  const own_ = (one) => one;
  if (isObject(document) && document.format === WAVES) {
    const inside = stepsOf(document.record, published).slice(1);
    return [
      ["format", format],
      ["whole", documentHash],
      ...inside.map(([name, check]) => [name, (one) => check(one.record)]),
      ["waves", waves],
    ];
  }
  const { sources, randomness, beacon } = randomnessSteps;
  const before = [
    ["format", format],
    ["hash", documentHash],
    ["specification", part("specification", own_)],
    ["register", part("register", own_)],
    ["strata", strata],
    ["sources", sources],
    ["commitment", (one) => commitment(one, published)],
  ];
  if (!isRecord(document)) return before;
  return [...before, ["randomness", randomness], ["beacon", beacon], ["seed", seed], ["cut_offs", cutOffs]];
}

/** Redo everything that the bytes of a published file of the letters state; yields steps as `verifyBytes` does. */
export async function* verifyLetterBytes(bytes, published = null) {
  let document;
  try {
    document = parsed(bytes);
  } catch (error) {
    yield { name: "spelling", ok: false, difference: error.message, unchecked: null };
    return;
  }
  yield* run([["spelling", () => spelling(bytes, document)]], document);
  yield* run(stepsOf(document, published), document);
}

/**
 * Which letter was drawn for a pseudonym: the number of its wave, 0 for none, null where that cannot be known. In a draw
 * by groups only that none was drawn can be known: the rest depends on the homes before hers.
 */
export function waveOf(file, receipt) {
  const document = withWaves(file);
  const found = document.result?.strata.find((one) => one.stratum === receipt.stratum);
  if (!found || found.cut_offs === null) return null;
  const walked = document.specification.design.groups.length > 0;
  const label = walked ? "letters:waves" : "letters";
  const prefix = hex(sha256(joined(fromHex(document.seed), lp(utf8(label))))).slice(0, 32);
  const key = hex(sha256(utf8(prefix + receipt.pseudonym)));
  const wave = found.cut_offs.findIndex((one) => one !== null && key < one) + 1;
  return walked && wave ? null : wave;
}

/** The record with the cut-offs of all waves, as if they had been planned at once. */
function withWaves(file) {
  if (file.format !== WAVES) return file;
  const { record: drawn, waves: later } = file;
  const strata = drawn.result.strata.map((one, index) => ({
    ...one,
    cut_offs: one.cut_offs && [...one.cut_offs, ...later.map((wave) => wave.strata[index].cut_off)],
  }));
  return { ...drawn, result: { ...drawn.result, strata } };
}

/** Check a resident's receipt against a document whose steps hold; yields `receipt`, `path`, `letter`. */
export async function* verifyLetterReceipt(file, receipt) {
  const document = withWaves(file);
  const leaf = () => {
    const { pseudonym, stratum } = receipt;
    return hex(sha256(joined([0], fromHex(receipt.salt), utf8(canonical({ pseudonym, stratum })))));
  };
  const path = () => {
    demand(document.register.root === null ? "the record has no root" : null);
    return differs("the root of the path", rootOf(leaf(), receipt.path), document.register.root);
  };
  const letter = () => {
    const known = document.register.strata.some((one) => one.stratum === receipt.stratum);
    return known ? null : "no stratum of the record has the name of the receipt";
  };
  const checks = [
    ["receipt", () => RECEIPT_SHAPE(receipt, "receipt") || (canonical(receipt), null)],
    ["path", path],
    ["letter", letter],
  ];
  for await (const step of run(checks, receipt)) {
    yield step;
    if (!step.ok) return;
  }
}

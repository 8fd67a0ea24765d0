// Redo a draw in the reader's own browser, written from docs/draw-record.md alone: it shares no line with the verifier of
// the library, so that a mistake in one of the two shows. It sends nothing and asks nothing of a server.

import { hmac, sha256 } from "../vendor/noble-hashes-2.4.0.js";

const COMMITMENT = "isegoria-draw-commitment/1";
const RECORD = "isegoria-draw-record/1";
const RECEIPT = "isegoria-receipt/1";
/** Sealed draws for vacant seats have formats of their own. */
const SEALED_COMMITMENT = "isegoria-draw-commitment/2";
const SEALED_RECORD = "isegoria-draw-record/2";
const SEALED_RECEIPT = "isegoria-receipt/2";
const CELLS = 4096;
const CELL_DEPTH = 12;
const LARGEST_GAP = [1n, 10_000_000n];
const LEAST_OUTCOMES = 1_000_000n;
const FEWEST_SHOWN = 5;
const CERTIFIED = new Set(["leximin", "maximin", "cumulative"]);
const EARLIER = "earlier chance";
const DEEPEST = 32;

// -- bytes, hashes, canonical JSON ---------------------------------------------------------------------

const encoder = new TextEncoder();
const utf8 = (text) => encoder.encode(text);
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");
const fromHex = (text) => Uint8Array.from(text.match(/../g) ?? [], (pair) => parseInt(pair, 16));

function joined(...parts) {
  const whole = new Uint8Array(parts.reduce((sum, part) => sum + part.length, 0));
  let place = 0;
  for (const part of parts) {
    whole.set(part, place);
    place += part.length;
  }
  return whole;
}

function u64(number) {
  const bytes = new Uint8Array(8);
  new DataView(bytes.buffer).setBigUint64(0, BigInt(number));
  return bytes;
}

const lp = (bytes) => joined(u64(bytes.length), bytes);

/** Thrown where a document is not what its format asks for. */
class Difference extends Error {}

function demand(difference) {
  if (difference) throw new Difference(difference);
}

/** Return the one canonical spelling of a JSON value, or throw. */
export function canonical(value, depth = 0) {
  if (depth > DEEPEST) throw new Difference("nested too deeply");
  if (value === null || value === true || value === false) return String(value);
  if (typeof value === "number") {
    if (!Number.isSafeInteger(value)) throw new Difference("a number is no whole number that every language reads");
    return String(value);
  }
  if (typeof value === "string") return spelledText(value);
  if (Array.isArray(value)) return `[${value.map((item) => canonical(item, depth + 1)).join(",")}]`;
  const keys = Object.keys(value).sort();
  return `{${keys.map((key) => `${spelledText(key)}:${canonical(value[key], depth + 1)}`).join(",")}}`;
}

function spelledText(text) {
  if (!/^[\x20-\x7e]*$/.test(text)) {
    if (text.normalize("NFC") !== text) throw new Difference("a text is not in normal form C");
    if (/(?:[\ud800-\udbff](?![\udc00-\udfff])|(?<![\ud800-\udbff])[\udc00-\udfff])/.test(text)) {
      throw new Difference("a text has half a character");
    }
  }
  return JSON.stringify(text);
}

export const digest = (value) => hex(sha256(utf8(canonical(value))));

// -- fractions in whole numbers ------------------------------------------------------------------------

const abs = (number) => (number < 0n ? -number : number);

function gcd(one, other) {
  let [a, b] = [abs(one), abs(other)];
  while (b) [a, b] = [b, a % b];
  return a;
}

function fraction(numerator, denominator = 1n) {
  if (denominator === 0n) throw new Difference("a fraction has the denominator 0");
  const sign = denominator < 0n ? -1n : 1n;
  const common = gcd(numerator, denominator) || 1n;
  return [(sign * numerator) / common, (sign * denominator) / common];
}

const add = ([a, b], [c, d]) => fraction(a * d + c * b, b * d);
const minus = ([a, b], [c, d]) => fraction(a * d - c * b, b * d);
const times = ([a, b], [c, d]) => fraction(a * c, b * d);
const over = ([a, b], [c, d]) => fraction(a * d, b * c);
const less = ([a, b], [c, d]) => a * d < c * b;
const larger = (one, other) => (less(one, other) ? other : one);
const smaller = (one, other) => (less(other, one) ? other : one);
const ZERO = [0n, 1n];
const ONE = [1n, 1n];

function floored([a, b]) {
  return a >= 0n ? a / b : -((-a + b - 1n) / b);
}

// -- the shape of a document ---------------------------------------------------------------------------

const own = (value, key) => Object.prototype.hasOwnProperty.call(value, key);
const isObject = (value) => value !== null && typeof value === "object" && !Array.isArray(value);
const matching = (pattern, name) => (value, where) =>
  typeof value === "string" && pattern.test(value) ? null : `${where} is not ${name}`;
const text = (value, where) => (typeof value === "string" && value ? null : `${where} is not a text`);
const natural = (value, where) =>
  Number.isSafeInteger(value) && value >= 0 ? null : `${where} is not a whole number from 0`;
const anything = () => null;
const exactly = (expected) => (value, where) => (value === expected ? null : `${where} is not ${expected}`);
const nullable = (check) => (value, where) => (value === null ? null : check(value, where));

const listOf = (check) => (value, where) => {
  if (!Array.isArray(value)) return `${where} is not a list`;
  for (let index = 0; index < value.length; index += 1) {
    const found = check(value[index], `${where}[${index}]`);
    if (found) return found;
  }
  return null;
};

const mappingOf = (check) => (value, where) => {
  if (!isObject(value)) return `${where} is not an object`;
  for (const key of Object.keys(value)) {
    const found = text(key, `a key of ${where}`) || check(value[key], `${where}.${key}`);
    if (found) return found;
  }
  return null;
};

const record = (fields, optional = {}) => (value, where) => {
  if (!isObject(value)) return `${where} is not an object`;
  const missing = Object.keys(fields).find((name) => !own(value, name));
  if (missing) return `${where}.${missing} is missing`;
  const known = [...Object.entries(fields), ...Object.entries(optional).filter(([name]) => own(value, name))];
  if (Object.keys(value).length > known.length) return `${where} has a key that the format does not know`;
  for (const [name, check] of known) {
    const found = check(value[name], `${where}.${name}`);
    if (found) return found;
  }
  return null;
};

const LINE = /^[^ \t\n\r\f\v](?:[^\r\n\t]{0,298}[^ \t\n\r\f\v])?$/u;
const line = matching(LINE, "a text of at most 300 characters in one line");
const sha = matching(/^[0-9a-f]{64}$/, "a SHA-256 of 64 hexadecimal digits");
const code = matching(/^[0-9A-Za-z_.:-]{1,64}$/, "a code");
const salt = matching(/^[0-9a-f]{32}$/, "a salt of 32 hexadecimal digits");
const side = matching(/^(?:left|right)$/, "left or right");
const INSTANT = /^(\d{4})-(\d\d)-(\d\d)T([01]\d|2[0-3]):([0-5]\d):([0-5]\d)(?:\.(\d{6}))?Z$/;

/** Return a moment in microseconds since 1970, or null where it is none. */
function microseconds(moment) {
  const parts = typeof moment === "string" && INSTANT.exec(moment);
  if (!parts) return null;
  const [year, month, day, hour, minute, second] = parts.slice(1, 7).map(Number);
  const date = new Date(0);
  date.setUTCFullYear(year, month - 1, day);
  if (year < 1 || date.getUTCMonth() !== month - 1 || date.getUTCDate() !== day) return null;
  date.setUTCHours(hour, minute, second);
  return BigInt(date.getTime()) * 1000n + BigInt(parts[7] ?? 0);
}

const instant = (value, where) => (microseconds(value) === null ? `${where} is not a moment in UTC` : null);

function fractionText(value, where) {
  const parts = typeof value === "string" && /^(\d{1,2000})\/([1-9]\d{0,2000})$/.exec(value);
  if (!parts) return `${where} is not a fraction`;
  return written(fraction(BigInt(parts[1]), BigInt(parts[2]))) === value ? null : `${where} is not in lowest terms`;
}

const written = ([numerator, denominator]) => `${numerator}/${denominator}`;

const TYPES = listOf(
  record({ features: nullable(mappingOf(text)), count: natural, seal: nullable(sha) }),
);
const QUOTAS = listOf(record({ feature: text, value: text, minimum: natural, maximum: natural }));
const COMPLETES = record({
  record: nullable(sha),
  size: natural,
  quotas: QUOTAS,
  sitting: listOf(record({ features: mappingOf(text), codes: listOf(code) })),
});
const LINKED = listOf(record({ types: listOf(natural), groups: listOf(listOf(code)) }));
const RULEBOOK = record({ id: text, version: text, sha256: sha });
const ANNOUNCED = listOf(
  record({
    source: text,
    moment: nullable(instant),
    if_missing: text,
    parties: listOf(record({ party: text, commitment: sha })),
  }),
);
const SPOKEN = listOf(
  record({
    source: text,
    value: text,
    obtained_at: instant,
    evidence: nullable(text),
    proof: nullable(mappingOf(anything)),
  }),
);
const SPECIFIED = {
  institution: text,
  body: text,
  cycle: text,
  size: natural,
  quotas: QUOTAS,
  alternates: natural,
  alternates_rule: exactly("isegoria-alternates/1"),
  disclosure: matching(/^(?:open|sealed)$/, "open or sealed"),
  objective: text,
  software: text,
  rulebook: RULEBOOK,
  randomness: ANNOUNCED,
};
const PROMISED = {
  specification: record(SPECIFIED, { completes: COMPLETES }),
  pool: record(
    { entries: listOf(record({ code, leaf: sha, type: natural })), types: TYPES, root: sha },
    { links: record({ apart: LINKED, together: LINKED }) },
  ),
  lottery: record({
    tickets: natural,
    compositions: listOf(record({ tickets: natural, counts: listOf(natural) })),
    root: sha,
    chances: listOf(fractionText),
    certificate: anything,
    certificate_sha256: sha,
  }),
  commitments: record({ specification: sha, pool: sha, lottery: sha }),
  committed_at: instant,
  hash: sha,
};
const DRAWN = {
  commitment: sha,
  timestamps: listOf(
    record({
      kind: matching(/^(?:rfc3161|opentimestamps)$/, "rfc3161 or opentimestamps"),
      content: matching(/^[A-Za-z0-9+/]{1,100000}={0,2}$/, "bytes in base 64"),
    }),
  ),
  randomness: SPOKEN,
  seed: sha,
  result: record({ ticket: natural, composition: natural, members: listOf(code), alternates: listOf(code) }),
};
const SEALED_PROMISED = {
  ...PROMISED,
  specification: record({
    ...SPECIFIED,
    disclosure: exactly("sealed"),
    completes: record({ record: nullable(sha), size: natural }),
  }),
  pool: record({ entries: listOf(record({ code, leaf: sha, seal: sha })), root: sha }),
  lottery: record({ cells: exactly(CELLS), root: sha, sealed: sha }),
};
const SEALED_DRAWN = {
  ...DRAWN,
  result: record({
    ticket: natural,
    parts: listOf(record({ share: fractionText, panel: sha })),
    salt,
    path: listOf(sha),
    members: listOf(code),
    alternates: listOf(code),
  }),
};
const SHAPES = {
  [COMMITMENT]: record({ format: exactly(COMMITMENT), ...PROMISED }),
  [RECORD]: record({ format: exactly(RECORD), ...PROMISED, ...DRAWN }),
  [SEALED_COMMITMENT]: record({ format: exactly(SEALED_COMMITMENT), ...SEALED_PROMISED }),
  [SEALED_RECORD]: record({ format: exactly(SEALED_RECORD), ...SEALED_PROMISED, ...SEALED_DRAWN }),
};
const isSealedSeats = (document) => isObject(document) && [SEALED_COMMITMENT, SEALED_RECORD].includes(document.format);
const isRecord = (document) => isObject(document) && [RECORD, SEALED_RECORD].includes(document.format);
const OWN_RECEIPT = { code, features: mappingOf(text), salt, path: listOf(record({ side, hash: sha })) };
const RECEIPT_SHAPE = record({ format: exactly(RECEIPT), ...OWN_RECEIPT, seal: nullable(salt) });
const SEALED_RECEIPT_SHAPE = record({
  format: exactly(SEALED_RECEIPT),
  ...OWN_RECEIPT,
  seal: salt,
  chance: fractionText,
});

// -- what the steps say --------------------------------------------------------------------------------

const differs = (where, stated, expected) =>
  stated === expected ? null : `${where} is ${stated}, but should be ${expected}`;

function differingList(where, stated, expected) {
  for (let index = 0; index < Math.min(stated.length, expected.length); index += 1) {
    if (stated[index] !== expected[index]) return differs(`${where}[${index}]`, stated[index], expected[index]);
  }
  return differs(`the length of ${where}`, stated.length, expected.length);
}

const sum = (numbers) => numbers.reduce((total, number) => total + number, 0);
const total = (lottery) => lottery.compositions.reduce((all, one) => all + BigInt(one.tickets), 0n);

// -- the pool ------------------------------------------------------------------------------------------

function entries({ pool, specification }) {
  for (let index = 1; index < pool.entries.length; index += 1) {
    if (pool.entries[index - 1].code >= pool.entries[index].code) {
      demand(`pool.entries[${index}] repeats a code or is out of order`);
    }
  }
  const tally = new Array(pool.types.length).fill(0);
  pool.entries.forEach((entry, index) => {
    demand(entry.type < pool.types.length ? null : `pool.entries[${index}].type names no type`);
    tally[entry.type] += 1;
  });
  pool.types.forEach((kind, index) => {
    if (kind.count !== tally[index] || !tally[index]) {
      demand(`pool.types[${index}].count is ${kind.count}, but ${tally[index]} entries have this type`);
    }
  });
  shownFeatures(pool);
  disclosure(specification.disclosure === "sealed", pool.types);
  links(pool);
}

function shownFeatures(pool) {
  const shown = pool.types.filter((kind) => kind.features !== null).map((kind) => kind.features);
  const names = shown.map((features) => canonical(Object.keys(features).sort()));
  demand(names.every((each) => each === names[0]) ? null : "the types do not all have the same features");
  const linked = new Set(classesOf(pool).flatMap((one) => one.types));
  const alone = pool.types.filter((kind, t) => kind.features !== null && !linked.has(t));
  const spelled = new Set(alone.map((kind) => canonical(kind.features)));
  demand(spelled.size === alone.length ? null : "two types have the same features");
}

function disclosure(sealed, types) {
  let before = "";
  types.forEach((kind, index) => {
    const hide = sealed && kind.count < FEWEST_SHOWN;
    demand(hide === (kind.features === null) ? null : `pool.types[${index}].features go against the disclosure`);
    demand(sealed === (kind.seal !== null) ? null : `pool.types[${index}].seal does not go with the disclosure`);
    if (sealed) {
      demand(kind.seal > before ? null : `pool.types[${index}] is out of the order of the seals`);
      before = kind.seal;
    }
  });
}

// -- linked persons ------------------------------------------------------------------------------------

const linksOf = (pool) => pool.links ?? { apart: [], together: [] };
const classesOf = (pool) => [...linksOf(pool).apart, ...linksOf(pool).together];

function codesByType(pool) {
  const codes = pool.types.map(() => []);
  for (const entry of pool.entries) codes[entry.type].push(entry.code);
  return codes;
}

/** Check that the classes of linked persons belong to the types of the pool. */
function links(pool) {
  if (!pool.links) return;
  const { apart, together } = pool.links;
  demand(apart.length || together.length ? null : "pool.links names nobody");
  const codes = codesByType(pool);
  const typeOf = new Map(pool.entries.map((entry) => [entry.code, entry.type]));
  const often = new Map();
  for (const one of classesOf(pool)) {
    const known = one.types.length && one.groups.length && one.types.every((t) => t < codes.length);
    demand(known ? null : "a class of links names no type or nobody");
  }
  apart.forEach((one) => apartClass(one, codes, typeOf));
  together.forEach((one) => togetherClass(one, codes));
  const placed = together.flatMap((one) => one.types);
  demand(new Set(placed).size === placed.length ? null : "a type is drawn together in two classes");
  for (const one of classesOf(pool)) for (const t of one.types) often.set(t, (often.get(t) ?? 0) + 1);
  for (const [t, classes] of often) {
    demand(classes === 1 || codes[t].length === 1 ? null : `type ${t} has several links, but more than one person`);
  }
  const alike = new Set();
  for (const [name, classes] of Object.entries({ apart, together })) {
    for (const one of classes) {
      const features = (t) => pool.types[t].features;
      if (one.types.some((t) => often.get(t) > 1 || features(t) === null)) continue;
      const spelled = one.groups[0].map((each) => canonical(features(typeOf.get(each)))).sort();
      const like = canonical([name, ...spelled]);
      demand(alike.has(like) ? "two classes of links are alike" : null);
      alike.add(like);
      const kinds = new Set(one.types.map((t) => canonical(features(t))));
      demand(name === "apart" && kinds.size < one.types.length ? "a household has two types with the same features" : null);
    }
  }
}

const ascending = (list) => list.every((one, index) => index === 0 || list[index - 1] < one);
const sameList = (one, other) => one.length === other.length && one.every((each, index) => each === other[index]);

function apartClass(one, codes, typeOf) {
  demand(ascending(one.types) ? null : "a class of links has types out of order");
  const people = one.groups.flat();
  const everybody = new Set(one.types.flatMap((t) => codes[t]));
  const once = new Set(people).size === people.length && people.length === everybody.size;
  demand(once && people.every((each) => everybody.has(each)) ? null : "a class does not hold everybody of its types once");
  demand(one.groups.every((group) => group.length > 1 && ascending(group)) ? null : "a group is too small or out of order");
  const mixes = new Set(one.groups.map((group) => canonical(group.map((each) => typeOf.get(each)).sort((a, b) => a - b))));
  demand(mixes.size === 1 ? null : "the groups of a class are not alike");
}

function togetherClass(one, codes) {
  const distinct = new Set(one.types).size === one.types.length;
  demand(one.types.length > 1 && distinct ? null : "a group that is drawn together needs two types or more");
  demand(one.groups.every((group) => group.length === one.types.length) ? null : "a group does not fit its types");
  one.types.forEach((t, place) => {
    const there = one.groups.map((group) => group[place]).sort();
    demand(sameList(there, [...codes[t]].sort()) ? null : "a class does not hold everybody of its types once");
  });
}

/** The conditions that links put on a panel: types that count, types that count negatively, the two bounds. */
function linkRows(pool) {
  const { apart, together } = linksOf(pool);
  return [
    ...apart.map((one) => ({ types: one.types, minus: [], lower: 0, upper: one.groups.length })),
    ...together.flatMap((one) =>
      one.types.slice(1).map((other) => ({ types: [one.types[0]], minus: [other], lower: 0, upper: 0 })),
    ),
  ];
}

function keepsRows(rows, counts) {
  return rows.every((row) => {
    const people = sum(row.types.map((t) => counts[t])) - sum(row.minus.map((t) => counts[t]));
    return people >= row.lower && people <= row.upper;
  });
}

function combined(level, combine) {
  let row = level;
  while (row.length > 1) {
    const above = [];
    for (let index = 0; index + 1 < row.length; index += 2) above.push(combine(row[index], row[index + 1]));
    if (row.length % 2) above.push(row[row.length - 1]);
    row = above;
  }
  return row[0];
}

function poolRoot({ pool }) {
  const leaves = pool.entries.map((entry) => entry.leaf).sort();
  for (let index = 1; index < leaves.length; index += 1) {
    demand(leaves[index - 1] === leaves[index] ? "two entries have the same leaf" : null);
  }
  const node = (left, right) => sha256(joined([1], left, right));
  const root = leaves.length ? combined(leaves.map(fromHex), node) : sha256(new Uint8Array());
  return differs("pool.root", pool.root, hex(root));
}

const poolHead = (pool) => ({
  entries: digest(pool.entries),
  root: pool.root,
  size: pool.entries.length,
  types: digest(pool.types),
  ...(pool.links ? { links: digest(pool.links) } : {}),
});
const lotteryHead = (lottery) => ({
  tickets: lottery.tickets,
  compositions: lottery.compositions.length,
  root: lottery.root,
  chances: digest(lottery.chances),
  certificate: lottery.certificate_sha256,
});

// -- the lottery ---------------------------------------------------------------------------------------

function tickets({ lottery, pool }) {
  demand(lottery.compositions.length ? null : "there is no composition");
  lottery.compositions.forEach((one, index) => {
    demand(one.tickets >= 1 ? null : `composition ${index} has no ticket`);
    const fits = one.counts.length === pool.types.length && one.counts.every((n, t) => n <= pool.types[t].count);
    demand(fits ? null : `composition ${index} does not fit the types of the pool`);
  });
  demand(differs("lottery.tickets", BigInt(lottery.tickets), total(lottery)));
}

function lotteryRoot({ lottery }) {
  const leaves = lottery.compositions.map((one) => ({
    tickets: BigInt(one.tickets),
    hash: sha256(joined([2], u64(one.tickets), utf8(canonical(one.counts)))),
  }));
  const root = combined(leaves, (left, right) => ({
    tickets: left.tickets + right.tickets,
    hash: sha256(joined([3], u64(left.tickets), left.hash, u64(right.tickets), right.hash)),
  }));
  return differs("lottery.root", lottery.root, hex(root.hash));
}

const has = (features, quota) =>
  features !== null && own(features, quota.feature) && features[quota.feature] === quota.value;

/** Check that the quotas of a draw for vacant seats are those that the whole body leaves to them. */
function wholeBody({ specification, pool }) {
  if (!own(specification, "completes")) return;
  const body = specification.completes;
  const seated = body.sitting.flatMap((group) => group.codes);
  const known = new Set(seated);
  demand(known.size === seated.length ? null : "specification.completes names somebody twice");
  const both = pool.entries.find((entry) => known.has(entry.code));
  demand(both ? "specification.completes names somebody of the pool" : null);
  demand(differs("specification.completes.size", body.size, seated.length + specification.size));
  const names = body.quotas.map((quota) => canonical([quota.feature, quota.value]));
  demand(new Set(names).size === names.length ? null : "specification.completes repeats a quota");
  const left = body.quotas.map((quota) => {
    const there = sum(body.sitting.map((group) => (has(group.features, quota) ? group.codes.length : 0)));
    const rest = (limit) => Math.max(0, limit - there);
    return { ...quota, minimum: rest(quota.minimum), maximum: rest(quota.maximum) };
  });
  const same = canonical(left) === canonical(specification.quotas);
  demand(same ? null : "specification.quotas are not what specification.completes leaves to the vacant seats");
}

function quotas({ specification, pool, lottery }) {
  wholeBody({ specification, pool });
  const shown = pool.types.find((kind) => kind.features !== null);
  const seen = new Set();
  specification.quotas.forEach((quota, index) => {
    const known = !shown || own(shown.features, quota.feature);
    demand(known ? null : `specification.quotas[${index}] is about a feature that the pool does not have`);
    const name = canonical([quota.feature, quota.value]);
    demand(seen.has(name) ? `specification.quotas[${index}] repeats another` : null);
    seen.add(name);
  });
  const places = (wanted) => pool.types.flatMap((kind, index) => (wanted(kind) ? [index] : []));
  const sealed = places((kind) => kind.features === null);
  const having = specification.quotas.map((quota) => places((kind) => has(kind.features, quota)));
  const linked = linkRows(pool);
  lottery.compositions.forEach(({ counts }, number) => {
    const people = sum(counts);
    demand(people === specification.size ? null : `composition ${number} has ${people} persons`);
    const hidden = sum(sealed.map((t) => counts[t]));
    specification.quotas.forEach((quota, index) => {
      const count = sum(having[index].map((t) => counts[t]));
      const met = count + hidden >= quota.minimum && count <= quota.maximum;
      demand(met ? null : `composition ${number} has ${count} of specification.quotas[${index}]`);
    });
    demand(keepsRows(linked, counts) ? null : `composition ${number} breaks a link`);
  });
  return { unchecked: sealed.length ? "sealed_quotas" : null };
}

/** Return the exact chance of a person of each type. */
export function chancesOf({ pool, lottery }) {
  const all = total(lottery);
  return pool.types.map((kind, t) => {
    const drawn = lottery.compositions.reduce((n, one) => n + BigInt(one.tickets) * BigInt(one.counts[t]), 0n);
    return fraction(drawn, all * BigInt(kind.count));
  });
}

const chances = (document) =>
  differingList("lottery.chances", document.lottery.chances, chancesOf(document).map(written));

// -- the certificate -----------------------------------------------------------------------------------

function whole(value) {
  if (!Number.isSafeInteger(value)) throw new Difference("a whole number is missing in the certificate");
  return BigInt(value);
}

function pairList(pairs, positive) {
  const found = new Map();
  if (!Array.isArray(pairs)) throw new Difference("a list of pairs is missing in the certificate");
  for (const pair of pairs) {
    if (!Array.isArray(pair) || pair.length !== 2) throw new Difference("a pair is no pair");
    const [index, value] = [Number(whole(pair[0])), whole(pair[1])];
    if (index < 0 || found.has(index)) throw new Difference("an index stands twice or is negative");
    if (positive && value <= 0n) throw new Difference("a weight is not positive");
    found.set(index, value);
  }
  return found;
}

/** The conditions on a panel: the size, then the quotas, then the links. */
function rowsOf({ specification, pool }) {
  const everybody = { types: pool.types.map((_, t) => t), lower: specification.size, upper: specification.size };
  const counted = specification.quotas.map((quota) => ({
    types: pool.types.flatMap((kind, t) => (has(kind.features, quota) ? [t] : [])),
    lower: quota.minimum,
    upper: quota.maximum,
  }));
  return [everybody, ...counted, ...linkRows(pool)].map((row) => ({
    types: row.types,
    minus: row.minus ?? [],
    lower: BigInt(row.lower),
    upper: BigInt(row.upper),
  }));
}

function leafBound({ rows, counts }, weights, multipliers, box) {
  const reduced = counts.map((_, t) => weights.get(t) ?? ZERO);
  let bound = ZERO;
  for (const [index, multiplier] of pairList(multipliers, false)) {
    const row = rows[index];
    if (!row) throw new Difference("a multiplier names no row");
    const [up, down] = [multiplier * row.upper, multiplier * row.lower];
    bound = add(bound, [up > down ? up : down, 1n]);
    for (const t of row.types) reduced[t] = minus(reduced[t], [multiplier, 1n]);
    for (const t of row.minus) reduced[t] = add(reduced[t], [multiplier, 1n]);
  }
  counts.forEach((count, t) => {
    const [low, high] = box.get(t) ?? [0n, count];
    if (low <= high) bound = add(bound, larger(times(reduced[t], [high, 1n]), times(reduced[t], [low, 1n])));
  });
  return bound;
}

function leaves(problem, weights, nodes, box) {
  if (!Array.isArray(nodes)) throw new Difference("a proof is no list of nodes");
  const bounds = [];
  const seen = new Set();
  const waiting = [[0n, box]];
  while (waiting.length) {
    const [index, within] = waiting.pop();
    const node = nodes[Number(index)];
    if (index < 0n || seen.has(index) || !isObject(node)) throw new Difference("the tree of the proof is no tree");
    seen.add(index);
    if (own(node, "rows")) {
      bounds.push(leafBound(problem, weights, node.rows, within));
      continue;
    }
    const [split, most] = [Number(whole(node.type)), whole(node.at_most)];
    if (split < 0 || split >= problem.counts.length) throw new Difference("a split names no type");
    const [low, high] = within.get(split) ?? [0n, problem.counts[split]];
    waiting.push([whole(node.then), new Map(within).set(split, [low, high < most ? high : most])]);
    waiting.push([whole(node.else), new Map(within).set(split, [low > most + 1n ? low : most + 1n, high])]);
  }
  return bounds;
}

/** Return an upper bound of Σ weights · x over all panels in the box, and whether it is proved here. */
function bounded(problem, weights, part, box = new Map()) {
  if (part.proof === undefined) throw new Difference("a proof is missing");
  if (part.proof === null) return { bound: [whole(part.bound), 1n], proved: false };
  const largest = leaves(problem, weights, part.proof, box).reduce(larger);
  const numerators = [...weights.values()].map(([numerator]) => numerator);
  const step = fraction(
    numerators.reduce(gcd, 0n),
    [...weights.values()].reduce((all, [, denominator]) => (all * denominator) / gcd(all, denominator), 1n),
  );
  return { bound: times([floored(over(largest, step)), 1n], step), proved: true };
}

const asFractions = (weights) => new Map([...weights].map(([t, value]) => [t, [value, 1n]]));

function countOf(problem, t) {
  if (t >= problem.counts.length) throw new Difference("a weight names no type");
  return problem.counts[t];
}

/** What each type had in earlier draws, written as a fraction in a feature; 0 where nothing is said. */
function historyOf({ pool }) {
  return pool.types.map((kind) => {
    const text = own(kind.features, EARLIER) ? kind.features[EARLIER] : "0";
    const found = /^(0|[1-9][0-9]{0,30})(?:\/([1-9][0-9]{0,30}))?$/.exec(text);
    if (!found) throw new Difference(`${EARLIER} is not a fraction`);
    return fraction(BigInt(found[1]), BigInt(found[2] ?? 1));
  });
}

/** Leximin of the chances, with what each type had before added to them. */
function leximinGaps(problem, levels, history) {
  if (!Array.isArray(levels) || !levels.length) throw new Difference("the certificate has no levels");
  const earlier = new Set();
  let proved = true;
  const gaps = levels.map((level) => {
    const [weights, before] = [pairList(level.weights, true), pairList(level.earlier, true)];
    const ordered = [...before.keys()].every((t) => earlier.has(t)) && [...weights.keys()].every((t) => !earlier.has(t));
    if (!weights.size || !ordered) throw new Difference("the levels are out of order");
    const found = bounded(problem, asFractions(new Map([...weights, ...before])), level);
    proved = proved && found.proved;
    let held = ZERO;
    for (const [t, e] of before) held = add(held, times([e * countOf(problem, t), 1n], problem.chances[t]));
    let people = 0n;
    let had = ZERO;
    for (const [t, w] of weights) {
      people += w * countOf(problem, t);
      had = add(had, times([w * countOf(problem, t), 1n], history[t]));
    }
    const open = problem.chances.flatMap((chance, t) => (earlier.has(t) ? [] : [add(chance, history[t])]));
    if (!open.length) throw new Difference("a level comes after the last");
    for (const t of weights.keys()) earlier.add(t);
    return minus(over(add(minus(found.bound, held), had), [people, 1n]), open.reduce(smaller));
  });
  if (earlier.size !== problem.counts.length) throw new Difference("a type belongs to no level");
  return { gaps, proved };
}

/** Return the types without a chance, after the proof that they can have none. */
function without(problem, certificate) {
  const never = problem.chances.flatMap(([numerator], t) => (numerator === 0n ? [t] : []));
  if (!never.length) return { never, proved: true };
  if (!isObject(certificate.never)) throw new Difference("nothing shows that chances of 0 are unavoidable");
  const weights = pairList(certificate.never.weights, true);
  const found = bounded(problem, asFractions(weights), certificate.never);
  const same = weights.size === never.length && never.every((t) => weights.has(t));
  if (!same || less(ZERO, found.bound)) throw new Difference("it does not show that chances of 0 are unavoidable");
  return { never, proved: found.proved };
}

const closed = (never) => new Map(never.map((t) => [t, [0n, 0n]]));
const peopleIn = (problem, types) => types.reduce((all, t) => all + problem.counts[t], 0n);
const drawable = (problem, never) => problem.counts.map((_, t) => t).filter((t) => !never.includes(t));

function nashGaps(problem, certificate) {
  const { never, proved } = without(problem, certificate);
  const scale = whole(certificate.scale);
  if (scale < 1n) throw new Difference("the scale is not positive");
  const drawn = drawable(problem, never);
  const weights = new Map(drawn.map((t) => [t, over([scale, 1n], problem.chances[t])]));
  const found = bounded(problem, weights, certificate, closed(never));
  const people = [peopleIn(problem, drawn), 1n];
  const gap = over(minus(over(found.bound, [scale, 1n]), people), people);
  return { gaps: [gap], proved: proved && found.proved };
}

function goldilocksGaps(problem, certificate) {
  const { never, proved } = without(problem, certificate);
  const weights = pairList(certificate.weights, false);
  let found = { bound: ZERO, proved: true };
  if (weights.size) found = bounded(problem, asFractions(weights), certificate, closed(never));
  if (!Array.isArray(certificate.gamma) || certificate.gamma.length !== 2) throw new Difference("gamma is missing");
  const [numerator, denominator] = certificate.gamma.map(whole);
  if (numerator < 1n || denominator < 1n) throw new Difference("gamma is not positive");
  const drawn = drawable(problem, never);
  if (!drawn.length) throw new Difference("nobody can be drawn");
  const mean = fraction(problem.size, peopleIn(problem, drawn));
  const gamma = times([numerator, denominator], mean);
  const smallest = drawn.map((t) => problem.chances[t]).reduce(smaller);
  const largest = problem.chances.reduce(larger);
  const slope = over(gamma, times(smallest, smallest));
  const part = (sign) =>
    drawn.reduce((all, t) => {
      const weight = sign * (weights.get(t) ?? 0n);
      return weight > 0n ? all + weight * problem.counts[t] : all;
    }, 0n);
  const [floors, caps] = [[part(1n), 1n], [part(-1n), 1n]];
  const least = (factor, low, high) => smaller(times(factor, low), times(factor, high));
  const scales = weights.size ? [times(caps, mean), over(floors, slope)] : [ONE];
  const bounds = scales
    .filter((scale) => less(ZERO, scale))
    .map((scale) =>
      over(
        minus(
          add(least(minus(over(scale, mean), caps), mean, ONE), least(minus(floors, times(scale, slope)), ZERO, mean)),
          found.bound,
        ),
        scale,
      ),
    );
  if (!bounds.length) throw new Difference("the weights prove nothing");
  const twice = over(times([2n, 1n], gamma), smallest);
  const reached = add(over(largest, mean), over(gamma, smallest));
  return { gaps: [minus(minus(reached, twice), bounds.reduce(larger))], proved: proved && found.proved };
}

function certificate(document) {
  const { specification, lottery, pool } = document;
  const stated = lottery.certificate;
  if (pool.types.some((kind) => kind.features === null)) {
    demand(stated === null ? null : "the certificate speaks of sealed features");
  }
  if (specification.disclosure === "sealed" && stated === null && lottery.certificate_sha256 !== digest(null)) {
    return { unchecked: "sealed_certificate" };
  }
  demand(differs("lottery.certificate_sha256", lottery.certificate_sha256, digest(stated)));
  if (stated === null) {
    const claims = CERTIFIED.has(specification.objective);
    return claims ? `the objective ${specification.objective} claims to be the fairest without a certificate` : null;
  }
  if (!isObject(stated) || stated.objective !== specification.objective) {
    return `it is not a certificate of ${specification.objective}`;
  }
  try {
    return proofOf(document, stated);
  } catch (error) {
    if (error instanceof Difference) return error.message;
    if (error instanceof TypeError) return "a field of the certificate is missing";
    throw error;
  }
}

function proofOf(document, stated) {
  const problem = {
    rows: rowsOf(document),
    counts: document.pool.types.map((kind) => BigInt(kind.count)),
    chances: chancesOf(document),
    size: BigInt(document.specification.size),
  };
  if (stated.format !== "isegoria-certificate/1") return "the certificate has another format";
  let found;
  if (stated.objective === "cumulative") found = leximinGaps(problem, stated.levels, historyOf(document));
  else if (CERTIFIED.has(stated.objective)) found = leximinGaps(problem, stated.levels, problem.counts.map(() => ZERO));
  else if (stated.objective === "nash") found = nashGaps(problem, stated);
  else if (stated.objective === "goldilocks") found = goldilocksGaps(problem, stated);
  else return "the certificate has another objective";
  const largest = found.gaps.reduce(larger);
  if (less(LARGEST_GAP, largest)) return "what it proves leaves a gap above 1/10000000";
  return { unchecked: found.proved ? null : "solvers_word" };
}

// -- sources and time ----------------------------------------------------------------------------------

const LABEL = "[A-Za-z0-9][A-Za-z0-9:-]{0,59}";
const GRAMMAR = {
  drand: /^drand:(quicknet|default):([1-9][0-9]{0,11})$/,
  dice: new RegExp(`^dice:([1-9][0-9]?)x(4|6|8|10|12|20):${LABEL}$`),
  balls: new RegExp(`^balls:([1-9][0-9]?)of([1-9][0-9]{0,3}):${LABEL}$`),
  reveal: new RegExp(`^reveal:${LABEL}$`),
  public: new RegExp(`^public:${LABEL}$`),
  text: new RegExp(`^text:${LABEL}$`),
};
const NETWORKS = {
  quicknet: {
    genesis: 1692803367n,
    period: 3n,
    digits: 96,
    chained: false,
    key:
      "83cf0f2896adee7eb8b5f01fcad3912212c437e0073e911fb90022d3e760183c8c4b450b6a0a6c3ac6a5776a2d106451" +
      "0d1fec758c921cc22b0e17e63aaf4bcb5ed66304de9cf809bd274ca73bab4af5a6e9c76a4bc09e76eae8991ef5ece45a",
  },
  default: {
    genesis: 1595431050n,
    period: 30n,
    digits: 192,
    chained: true,
    key: "868f005eb8e6e4ca0a47c8a77ceaa5309a47978a7c71bc5cce96366b5d7a569937c529eeda66c7293784a9402801af31",
  },
};

function family(name) {
  const found = Object.entries(GRAMMAR).find(([, pattern]) => pattern.test(name));
  return found ? found[0] : null;
}

function roundOf({ genesis, period }, moment) {
  const since = microseconds(moment) - genesis * 1_000_000n;
  const unit = period * 1_000_000n;
  return -floored([-since, unit]) + 1n;
}

function outcomes(name) {
  const dice = GRAMMAR.dice.exec(name);
  if (dice) return BigInt(dice[2]) ** BigInt(dice[1]);
  const balls = GRAMMAR.balls.exec(name);
  if (!balls) return 1n;
  let all = 1n;
  for (let taken = 0n; taken < BigInt(balls[1]); taken += 1n) {
    all *= BigInt(balls[2]) > taken ? BigInt(balls[2]) - taken : 0n;
  }
  return all;
}

function announced(one) {
  const kind = family(one.source);
  if (!kind) return "the name of the source is none that can be announced";
  if ((one.moment === null) !== (kind === "text")) return "every source but a text has a moment, and a text has none";
  if (kind === "drand") {
    const network = one.source.split(":")[1];
    const expected = `drand:${network}:${roundOf(NETWORKS[network], one.moment)}`;
    if (one.source !== expected) return `the source of the announced moment is ${expected}`;
  }
  if (kind === "balls" && outcomes(one.source) === 0n) return "more balls than there are numbers";
  if (kind !== "reveal") return one.parties.length ? "only a commit–reveal source has parties" : null;
  if (one.parties.length < 2) return "a commit–reveal needs two parties or more";
  const alone = (key) => new Set(one.parties.map((party) => party[key])).size === one.parties.length;
  return alone("party") && alone("commitment") ? null : "two parties have the same name or commitment";
}

function sources({ specification }) {
  const all = specification.randomness;
  demand(all.length ? null : "specification.randomness names no source");
  all.forEach((one, index) => {
    const where = `specification.randomness[${index}]`;
    const twice = all.slice(0, index).some((other) => other.source === one.source);
    demand(twice ? `${where} repeats a source` : null);
    const fault = announced(one);
    demand(fault ? `${where}: ${fault}` : null);
    const after = (other) =>
      !["reveal", "text"].includes(family(other.source)) && microseconds(other.moment) > microseconds(one.moment);
    if (family(one.source) === "reveal" && !all.some(after)) {
      demand(`${where}: no other source speaks after the reveals, so the last to reveal could choose`);
    }
  });
  if (all.some((one) => family(one.source) === "text")) {
    return all.length === 1 ? null : "a text that somebody gives stands alone";
  }
  if (all.some((one) => ["drand", "public"].includes(family(one.source)))) return null;
  const product = all.reduce((so_far, one) => so_far * outcomes(one.source), 1n);
  return product < LEAST_OUTCOMES ? `dice and balls have ${product} outcomes together` : null;
}

function commitment(document, published) {
  const expected = commitmentHash(document);
  const stated = isRecord(document) ? document.commitment : document.hash;
  demand(differs("commitment", stated, expected));
  if (published) demand(differs("the commitment", stated, published));
  const late = document.specification.randomness.findIndex(
    (one) => one.moment !== null && microseconds(one.moment) <= microseconds(document.committed_at),
  );
  return late < 0 ? null : `specification.randomness[${late}].moment is not after committed_at`;
}

const commitmentHash = ({ format: form, commitments, committed_at }) =>
  digest({ format: [SEALED_COMMITMENT, SEALED_RECORD].includes(form) ? SEALED_COMMITMENT : COMMITMENT, commitments, committed_at });

const TYPED = record({
  typed: listOf(record({ by: line, value: text })),
  film: line,
  notary: nullable(line),
});
const REVEALS = record({ reveals: listOf(record({ party: line, secret: nullable(sha) })) });

function typedTwice(value, proof) {
  const fault = TYPED(proof, "its proof");
  if (fault) return fault;
  if (proof.typed.length !== 2 || proof.typed[0].by === proof.typed[1].by) return "it was not typed in by two persons";
  return proof.typed.every((one) => one.value === value) ? null : "the two persons did not type the same value";
}

function numbers(value) {
  const one = "(?:0|[1-9][0-9]{0,3})";
  return new RegExp(`^${one}(?:-${one})*$`).test(value) ? value.split("-").map(Number) : null;
}

const signatureLike = (network, value) =>
  typeof value === "string" && new RegExp(`^[0-9a-f]{${network.digits}}$`).test(value);

const VALUES = {
  drand({ source }, value, proof) {
    const network = NETWORKS[source.split(":")[1]];
    const keys = network.chained ? ["previous", "signature"] : ["signature"];
    if (!isObject(proof) || canonical(Object.keys(proof).sort()) !== canonical(keys)) return "it has no signature";
    if (!Object.values(proof).every((one) => signatureLike(network, one))) return "its signature is not spelled like one";
    return differs("the value", value, hex(sha256(fromHex(proof.signature))));
  },
  dice({ source }, value, proof) {
    const [count, sides] = GRAMMAR.dice.exec(source).slice(1, 3).map(Number);
    const [low, high] = sides === 10 ? [0, 9] : [1, sides];
    const throws = numbers(value);
    const fits = throws && throws.length === count && throws.every((one) => low <= one && one <= high);
    return fits ? typedTwice(value, proof) : `the value is not ${count} throws from ${low} to ${high}`;
  },
  balls({ source }, value, proof) {
    const [count, highest] = GRAMMAR.balls.exec(source).slice(1, 3).map(Number);
    const balls = numbers(value);
    const fits = balls && balls.length === count && new Set(balls).size === count;
    const right = fits && balls.every((one) => 1 <= one && one <= highest);
    return right ? typedTwice(value, proof) : `the value is not ${count} different numbers from 1 to ${highest}`;
  },
  reveal({ source, parties }, value, proof) {
    const fault = REVEALS(proof, "its proof");
    if (fault) return fault;
    const names = (list) => canonical(list.map((one) => one.party));
    if (names(parties) !== names(proof.reveals)) return "the reveals are not those of the announced parties";
    for (let index = 0; index < parties.length; index += 1) {
      const { party, secret } = proof.reveals[index];
      if (secret === null) continue;
      const bound = sha256(joined(utf8("isegoria-reveal/1\0"), lp(utf8(source)), lp(utf8(party)), fromHex(secret)));
      if (hex(bound) !== parties[index].commitment) return `the secret of ${party} is not the one it was bound to`;
    }
    const secrets = proof.reveals.map((one) => lp(fromHex(one.secret ?? "")));
    return differs("the value", value, hex(sha256(joined(utf8("isegoria-reveals/1\0"), ...secrets))));
  },
  public(_, value, proof) {
    if (proof !== null) return "a value that is published or given as a text brings no proof";
    return LINE.test(value) ? null : "the value is not a text of at most 300 characters in one line";
  },
  text(announced_, value, proof) {
    return VALUES.public(announced_, value, proof);
  },
};

function randomness({ specification, randomness: values }) {
  const all = specification.randomness;
  demand(values.length ? null : "randomness has no value");
  const names = (list) => list.map((one) => one.source);
  demand(differingList("the sources of randomness", names(values), names(all)));
  all.forEach((one, index) => {
    const early = one.moment !== null && microseconds(values[index].obtained_at) < microseconds(one.moment);
    demand(early ? `randomness[${index}].obtained_at is before the announced moment` : null);
    const kind = family(one.source);
    const fault = kind ? VALUES[kind](one, values[index].value, values[index].proof) : "the source is unknown";
    demand(fault ? `randomness[${index}]: ${fault}` : null);
  });
  all.forEach((one, index) => {
    const closed_at = microseconds(values[index].obtained_at);
    const ahead = (other) =>
      !["reveal", "text"].includes(family(other.source)) && microseconds(other.moment) > closed_at;
    const late = family(one.source) === "reveal" && !all.some(ahead);
    demand(late ? `${one.source} was closed only after the sources that follow had spoken` : null);
  });
  return { unchecked: all.some((one) => family(one.source) === "text") ? "given_text" : null };
}

/** Time stamps are left to the library; nothing can be older than a text that has no moment. */
function timestamps({ timestamps: stamps, specification }) {
  if (!stamps.length) return null;
  const given = specification.randomness.some((one) => one.moment === null);
  return given ? "the seed is a text without a moment: nothing can be older than it" : { unchecked: "timestamps" };
}

/** Check the signatures of all rounds of drand; the curve is loaded where one is needed. */
async function beacon({ randomness: values }) {
  const rounds = values.filter((one) => family(one.source) === "drand");
  if (!rounds.length) return null;
  const { bls12_381: curve } = await import("../vendor/noble-bls12-381-2.4.0.js");
  for (const one of rounds) {
    const [, name, number] = GRAMMAR.drand.exec(one.source);
    if (!signed(curve, NETWORKS[name], BigInt(number), one.proof ?? {})) {
      return `the signature is not that of round ${number} of ${name}`;
    }
  }
  return null;
}

function signed(curve, network, number, proof) {
  if (!signatureLike(network, proof.signature)) return false;
  if (network.chained !== signatureLike(network, proof.previous)) return false;
  const before = network.chained ? fromHex(proof.previous) : new Uint8Array();
  const message = sha256(joined(before, u64(number)));
  const scheme = network.chained ? curve.longSignatures : curve.shortSignatures;
  const tag = `BLS_SIG_BLS12381G${network.chained ? 2 : 1}_XMD:SHA-256_SSWU_RO_NUL_`;
  try {
    return scheme.verify(fromHex(proof.signature), scheme.hash(message, tag), fromHex(network.key));
  } catch {
    return false; // the bytes are no point of the curve
  }
}

// -- from the seed to the panel ------------------------------------------------------------------------

function seedOf({ commitments, randomness: values }) {
  const parts = ["specification", "pool", "lottery"].map((name) => fromHex(commitments[name]));
  const spoken = values.flatMap((one) => [lp(utf8(one.source)), lp(utf8(one.value))]);
  return sha256(joined(utf8("isegoria-draw/1\0"), ...parts, ...spoken));
}

function below(seed, label, bound) {
  const bits = (bound - 1n).toString(2).length * Number(bound > 1n);
  const size = Math.max(1, Math.ceil(bits / 8));
  const mask = (1n << BigInt(bits)) - 1n;
  let [buffer, counter] = [new Uint8Array(), 0];
  for (;;) {
    while (buffer.length < size) {
      buffer = joined(buffer, sha256(joined(seed, lp(utf8(label)), u64(counter))));
      counter += 1;
    }
    const value = BigInt(`0x${hex(buffer.subarray(0, size))}`) & mask;
    buffer = buffer.slice(size);
    if (value < bound) return value;
  }
}

function keyed(seed, label, codes) {
  const prefix = lp(utf8(label));
  const keys = new Map(codes.map((one) => [one, hex(hmac(sha256, seed, joined(prefix, utf8(one))))]));
  const before = (one, other) => (one < other ? -1 : Number(one > other));
  return [...codes].sort((one, other) => before(keys.get(one), keys.get(other)) || before(one, other));
}

/** Return what the seed fixes: ticket, composition, members, alternates. */
function redrawn(document) {
  const { lottery, pool, specification } = document;
  const seed = seedOf(document);
  const ticket = below(seed, "ticket", total(lottery));
  let running = 0n;
  const composition = lottery.compositions.findIndex((one) => {
    running += BigInt(one.tickets);
    return ticket < running;
  });
  const counts = lottery.compositions[composition].counts;
  demand(keepsRows(linkRows(pool), counts) ? null : "the drawn composition breaks a link");
  const linked = linkedMembers(seed, pool, counts);
  const members = codesByType(pool).flatMap(
    (codes, t) => linked.get(t) ?? (counts[t] ? keyed(seed, "members", codes).slice(0, counts[t]) : []),
  );
  return { ticket, composition, members, alternates: waiting(seed, pool, members, specification.alternates) };
}

/** Who is drawn of the types of linked persons. */
function linkedMembers(seed, pool, counts) {
  const { apart, together } = linksOf(pool);
  const codes = codesByType(pool);
  const found = new Map();
  const inOrder = (label, groups) => {
    const of = new Map(groups.map((group) => [group[0], group]));
    return keyed(seed, label, [...of.keys()]).map((first) => of.get(first));
  };
  for (const one of apart) {
    if (one.types.every((t) => !counts[t])) {
      one.types.forEach((t) => found.set(t, []));
      continue;
    }
    const homes = inOrder("households", one.groups);
    for (const t of one.types) {
      const seats = homes.splice(0, counts[t]);
      found.set(t, seats.map((home) => keyed(seed, "members", home.filter((each) => codes[t].includes(each)))[0]));
    }
  }
  for (const one of together) {
    const drawn = inOrder("together", one.groups).slice(0, counts[one.types[0]]);
    one.types.forEach((t, place) => found.set(t, drawn.map((group) => group[place])));
  }
  return found;
}

/** The alternates: nobody apart from a member or an earlier alternate, nobody who is drawn with others. */
function waiting(seed, pool, members, most) {
  const { apart, together } = linksOf(pool);
  const groups = apart.flatMap((one) => one.groups);
  const setsOf = new Map();
  groups.forEach((group, number) => {
    for (const each of group) setsOf.set(each, [...(setsOf.get(each) ?? []), number]);
  });
  const out = new Set([...members, ...together.flatMap((one) => one.groups.flat())]);
  const taken = new Set(members.flatMap((each) => setsOf.get(each) ?? []));
  const drawn = new Set(members);
  const left = pool.entries.map((entry) => entry.code).filter((each) => !drawn.has(each));
  const found = [];
  for (const each of keyed(seed, "alternates", left)) {
    if (found.length === most) break;
    const own_ = setsOf.get(each) ?? [];
    if (out.has(each) || own_.some((number) => taken.has(number))) continue;
    found.push(each);
    own_.forEach((number) => taken.add(number));
  }
  return found;
}

// -- sealed draws for vacant seats -----------------------------------------------------------------------

function sealedEntries({ pool, specification }) {
  const codes = pool.entries.map((entry) => entry.code);
  demand(ascending(codes) ? null : "pool.entries repeats a code or is out of order");
  const sit = specification.completes.size - specification.size;
  demand(sit >= 0 ? null : "specification.completes.size is less than the seats that are drawn");
}

const sealedHead = ({ entries: list, root }) => ({ entries: digest(list), root, size: list.length });

/** Check that the panel stood in the drawn cell before anybody knew which one would be drawn. */
function drawnCell(document) {
  const { ticket, parts, salt: salted, path, members } = document.result;
  const shares = parts.map((one) => one.share.split("/").map(BigInt));
  const whole_ = shares.reduce(add, ZERO);
  demand(path.length === CELL_DEPTH && written(whole_) === "1/1" ? null : "result does not open a cell");
  demand(shares.every((one) => less(ZERO, one)) ? null : "a part of the cell has no share");
  const node = path.reduce(
    (below_, hash, height) =>
      Math.floor(ticket / 2 ** height) % 2
        ? sha256(joined([1], fromHex(hash), below_))
        : sha256(joined([1], below_, fromHex(hash))),
    sha256(joined([6], utf8(canonical(parts)))),
  );
  const fault = differs("the root over the drawn cell", hex(node), document.lottery.root);
  if (fault) return fault;
  const pieces = shares.reduce((all, [, denominator]) => (all * denominator) / gcd(all, denominator), 1n);
  const position = below(seedOf(document), "part", pieces);
  let running = 0n;
  const part_ = shares.findIndex(([numerator, denominator]) => {
    running += (numerator * pieces) / denominator;
    return position < running;
  });
  const sealed = hex(sha256(joined([5], fromHex(salted), utf8(canonical([...members].sort())))));
  return differs("the seal of the panel", parts[part_].panel, sealed);
}

function sealedMembers(document) {
  const { members } = document.result;
  const known = new Set(document.pool.entries.map((entry) => entry.code));
  const own_ = [...new Set(members)].filter((each) => known.has(each));
  const fault = differingList("result.members", members, keyed(seedOf(document), "members", own_));
  return fault ?? differs("the length of result.members", members.length, document.specification.size);
}

function sealedAlternates(document) {
  const drawn = new Set(document.result.members);
  const left = document.pool.entries.map((entry) => entry.code).filter((each) => !drawn.has(each));
  const expected = keyed(seedOf(document), "alternates", left).slice(0, document.specification.alternates);
  return differingList("result.alternates", document.result.alternates, expected);
}

/** The steps of a sealed draw for vacant seats: who sits, the features and the lottery are for sworn observers. */
function sealedSteps(document, published) {
  const before = [
    ["format", format],
    ["hash", documentHash],
    ["specification", part("specification", (one) => one)],
    ["pool", part("pool", sealedHead)],
    ["entries", sealedEntries],
    ["pool_root", poolRoot],
    ["lottery", part("lottery", (one) => one)],
    ["quotas", () => ({ unchecked: "sealed_quotas" })],
    ["chances", () => ({ unchecked: "sealed_chances" })],
    ["certificate", () => ({ unchecked: "sealed_certificate" })],
    ["sources", sources],
    ["commitment", (one) => commitment(one, published)],
  ];
  if (document.format !== SEALED_RECORD) return before;
  const ticket = (one) => differs("result.ticket", BigInt(one.result.ticket), below(seedOf(one), "ticket", BigInt(CELLS)));
  return [
    ...before,
    ["timestamps", timestamps],
    ["randomness", randomness],
    ["beacon", beacon],
    ["seed", (one) => differs("seed", one.seed, hex(seedOf(one)))],
    ["ticket", ticket],
    ["composition", drawnCell],
    ["members", sealedMembers],
    ["alternates", sealedAlternates],
  ];
}

// -- the steps -----------------------------------------------------------------------------------------

function format(document) {
  const known = isObject(document) && typeof document.format === "string" && own(SHAPES, document.format);
  demand(known ? null : `the format is neither ${RECORD} nor ${COMMITMENT}`);
  demand(SHAPES[document.format](document, "$"));
  canonical(document);
}

function documentHash(document) {
  if (!isRecord(document)) return differs("hash", document.hash, commitmentHash(document));
  const { hash, ...rest } = document;
  return differs("hash", hash, digest(rest));
}

const part = (name, head) => (document) =>
  differs(`commitments.${name}`, document.commitments[name], digest(head(document[name])));

/** Steps after whose difference no later one would make sense. */
const LAST = new Set(["format", "entries", "tickets", "sources", "randomness", "certificate"]);

function stepsOf(document, published) {
  if (isSealedSeats(document)) return sealedSteps(document, published);
  const before = [
    ["format", format],
    ["hash", documentHash],
    ["specification", part("specification", (one) => one)],
    ["pool", part("pool", poolHead)],
    ["entries", entries],
    ["pool_root", poolRoot],
    ["lottery", part("lottery", lotteryHead)],
    ["tickets", tickets],
    ["lottery_root", lotteryRoot],
    ["quotas", quotas],
    ["chances", chances],
    ["certificate", certificate],
    ["sources", sources],
    ["commitment", (one) => commitment(one, published)],
  ];
  if (!isObject(document) || document.format !== RECORD) return before;
  let outcome;
  const drawn = (one) => (outcome ??= redrawn(one));
  return [
    ...before,
    ["timestamps", timestamps],
    ["randomness", randomness],
    ["beacon", beacon],
    ["seed", (one) => differs("seed", one.seed, hex(seedOf(one)))],
    ["ticket", (one) => differs("result.ticket", BigInt(one.result.ticket), drawn(one).ticket)],
    ["composition", (one) => differs("result.composition", one.result.composition, drawn(one).composition)],
    ["members", (one) => differingList("result.members", one.result.members, drawn(one).members)],
    ["alternates", (one) => differingList("result.alternates", one.result.alternates, drawn(one).alternates)],
  ];
}

/** Run the checks one after the other, yielding { name, ok, difference, unchecked } for each. */
async function* run(checks, document) {
  for (const [name, check] of checks) {
    let found;
    let stopped = false;
    try {
      found = await check(document);
    } catch (error) {
      if (!(error instanceof Difference)) throw error;
      found = error.message;
      stopped = LAST.has(name);
    }
    const difference = typeof found === "string" ? found : null;
    const unchecked = found && typeof found === "object" ? found.unchecked : null;
    yield { name, ok: difference === null, difference, unchecked };
    if (stopped) return;
  }
}

/** Read the bytes of a published file. Throws a Difference where they are no JSON. */
export function parsed(bytes) {
  try {
    return JSON.parse(new TextDecoder("utf-8", { fatal: true, ignoreBOM: true }).decode(bytes));
  } catch {
    throw new Difference("the file is not JSON in UTF-8");
  }
}

function spelling(bytes, document) {
  const expected = utf8(`${canonical(document)}\n`);
  const place = expected.findIndex((byte, index) => byte !== bytes[index]);
  if (place < 0 && expected.length === bytes.length) return null;
  return `byte ${place < 0 ? expected.length : place} differs from the canonical spelling`;
}

/**
 * Redo everything that the bytes of a published file state; yields one step after the other.
 *
 * Each step has `name`, `ok`, `difference` (null where it holds) and `unchecked`, a word for what it leaves open:
 * `sealed_quotas`, `sealed_chances`, `sealed_certificate`, `solvers_word`, `timestamps`, `given_text`.
 */
export async function* verifyBytes(bytes, published = null) {
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

/** Names of all steps that a file of this format goes through, for a page that lists them before they are done. */
export function stepNames(document) {
  return ["spelling", ...stepsOf(document, null).map(([name]) => name)];
}

// -- beside the record of an earlier draw ------------------------------------------------------------------

/**
 * Compare a record of a draw for vacant seats, whose steps hold, with the record by which those who sit were drawn.
 *
 * Yields `earlier`, `sitting` and `candidates`; after an `earlier` that cannot be compared with, nothing more. Of a
 * sealed draw for vacant seats the last two are left to sworn observers, and so are features that the earlier record
 * seals (`unchecked` is `sealed_people`; `wider_quotas` where the journal has to say why).
 */
export async function* verifyEarlier(document, earlier) {
  const named = document.specification?.completes ?? null;
  const sealed = isSealedSeats(document);
  const fault = await incomparable(named, earlier, sealed);
  const told = (name, difference) => ({ name, ok: difference === null, difference, unchecked: null });
  yield told("earlier", fault ?? differs("specification.completes.record", named.record, earlier.hash));
  if (fault) return;
  if (sealed) {
    for (const name of ["sitting", "candidates"]) yield { ...told(name, null), unchecked: "sealed_people" };
    return;
  }
  const before = peopleBefore(earlier);
  const fault_ = sittingFault(named, before);
  const wider = fault_ === null && canonical(named.quotas) !== canonical(before.whole.quotas);
  const open = (people) => (sealsFeatures(people, before.everybody) ? "sealed_people" : null);
  const left = open(sittingPeople(named)) ?? (wider ? "wider_quotas" : null);
  yield { ...told("sitting", fault_), unchecked: fault_ === null ? left : null };
  const strange = candidatesFault(document, named, before);
  yield { ...told("candidates", strange), unchecked: strange === null ? open(poolPeople(document)) : null };
}

/** Whether the earlier record seals the features of some of these people: those only its observers can compare. */
const sealsFeatures = (people, known) => [...people.keys()].some((each) => known.get(each) === null);

/** Why there is nothing to compare; null where there is. */
async function incomparable(named, earlier, sealed) {
  if (!named) return "the draw is not one for vacant seats";
  const known = sealed ? isRecord(earlier) : isObject(earlier) && earlier.format === RECORD;
  if (!known) return `it is no document of the format ${sealed ? `${RECORD} or ${SEALED_RECORD}` : RECORD}`;
  for await (const step of run(stepsOf(earlier, null), earlier)) {
    if (step.difference !== null) return `it does not hold: step ${step.name}`;
  }
  return null;
}

/** Features by code: of everybody in a pool; null where they are sealed. */
const poolPeople = ({ pool }) => new Map(pool.entries.map((one) => [one.code, pool.types[one.type].features]));
/** Features by code: of everybody who sits in a body. */
const sittingPeople = ({ sitting }) =>
  new Map(sitting.flatMap((group) => group.codes.map((code_) => [code_, group.features])));

/** What an earlier record says: the whole body, everybody it knows, who were members by it, who could move up. */
function peopleBefore(earlier) {
  const completed = earlier.specification.completes ?? null;
  const sat = completed ? sittingPeople(completed) : new Map();
  return {
    whole: completed ?? earlier.specification,
    everybody: new Map([...poolPeople(earlier), ...sat]),
    members: new Set([...earlier.result.members, ...sat.keys()]),
    alternates: new Set(earlier.result.alternates),
  };
}

function otherFeatures(people, known) {
  const differing = [...people.keys()]
    .sort()
    .find((each) => known.get(each) !== null && canonical(people.get(each)) !== canonical(known.get(each)));
  return differing === undefined ? null : `${differing} had other features`;
}

function sittingFault(named, { whole, everybody, members, alternates }) {
  const sits = sittingPeople(named);
  const strange = [...sits.keys()].sort().find((each) => !members.has(each) && !alternates.has(each));
  if (strange !== undefined) return `${strange} was no member`;
  if (sits.size > whole.size) return `${sits.size} sit, on ${whole.size} seats`;
  const fault =
    otherFeatures(sits, everybody) ?? differs("specification.completes.size", named.size, whole.size);
  if (fault) return fault;
  return noNarrower(named.quotas, whole.quotas) ? null : "the quotas of the body are others than before";
}

/** Whether quotas are those of before, or wider: two persons may widen them, and the journal says why. */
function noNarrower(quotas, before) {
  const holds = (one, other) =>
    one.feature === other.feature && one.value === other.value && one.minimum <= other.minimum && one.maximum >= other.maximum;
  return quotas.length === before.length && quotas.every((one, index) => holds(one, before[index]));
}

function candidatesFault(document, named, { everybody, members, alternates }) {
  const pool = poolPeople(document);
  const sits = sittingPeople(named);
  const seated = (each) => members.has(each) || (sits.has(each) && alternates.has(each));
  const strange = [...pool.keys()].sort().find((each) => !everybody.has(each) || seated(each));
  return strange === undefined ? otherFeatures(pool, everybody) : `${strange} was not in the pool`;
}

// -- one person's own check ----------------------------------------------------------------------------

/** Find a code: its entry, its chance (null where sealed), what the lot said; null where the pool does not have it. */
export function lookUp(document, wanted) {
  const entry = document.pool.entries.find((one) => one.code === wanted);
  if (!entry) return null;
  const result = document.result ?? null;
  const place = result ? result.alternates.indexOf(wanted) : -1;
  return {
    entry,
    chance: isSealedSeats(document) ? null : chancesOf(document)[entry.type],
    outcome: !result ? "open" : result.members.includes(wanted) ? "member" : place < 0 ? "none" : "alternate",
    place: place + 1,
    path: pathOf(document.pool, entry.leaf),
  };
}

/** The neighbours from a leaf up to the root, as anyone can compute them from the published pool. */
function pathOf(pool, leaf) {
  let row = pool.entries.map((entry) => entry.leaf).sort();
  let index = row.indexOf(leaf);
  const steps = [];
  while (row.length > 1) {
    const neighbour = index ^ 1;
    if (neighbour < row.length) steps.push({ side: neighbour < index ? "left" : "right", hash: row[neighbour] });
    const above = [];
    for (let at = 0; at < row.length; at += 2) {
      const pair = at + 1 < row.length;
      above.push(pair ? hex(sha256(joined([1], fromHex(row[at]), fromHex(row[at + 1])))) : row[at]);
    }
    row = above;
    index >>= 1;
  }
  return steps;
}

/** The hash to which a path leads from a leaf. */
export function rootOf(leaf, path) {
  const node = path.reduce((below_, one) => {
    const other = fromHex(one.hash);
    return one.side === "left" ? sha256(joined([1], other, below_)) : sha256(joined([1], below_, other));
  }, fromHex(leaf));
  return hex(node);
}

/** Check a receipt against a document whose steps hold; yields `receipt`, `entry`, `path`, `features`. */
export async function* verifyReceipt(document, receipt) {
  const leaf = () =>
    hex(sha256(joined([0], fromHex(receipt.salt), utf8(canonical({ code: receipt.code, features: receipt.features })))));
  const entry = () => document.pool.entries.find((one) => one.code === receipt.code);
  const sealed = isSealedSeats(document);
  const shape = sealed ? SEALED_RECEIPT_SHAPE : RECEIPT_SHAPE;
  const checks = [
    ["receipt", () => shape(receipt, "receipt") || (canonical(receipt), null)],
    ["entry", () => (entry() ? differs("the leaf of the entry", entry().leaf, leaf()) : "the code is not in the pool")],
    ["path", () => differs("the root of the path", rootOf(leaf(), receipt.path), document.pool.root)],
    ["features", () => (sealed ? sealedFeatures(entry(), receipt) : receiptFeatures(document.pool.types[entry().type], receipt))],
  ];
  for await (const step of run(checks, receipt)) {
    yield step;
    if (!step.ok) return;
  }
}

/** The seal of the own entry fixes features and chance. */
function sealedFeatures(entry, { seal, features, chance }) {
  const content = joined([4], fromHex(seal), utf8(canonical({ chance, features })));
  return differs("the seal of the entry", entry.seal, hex(sha256(content)));
}

function receiptFeatures(kind, receipt) {
  if (kind.seal !== null) {
    const content = joined([4], fromHex(receipt.seal ?? ""), utf8(canonical(receipt.features)));
    const fault = differs("the seal of the type", kind.seal, hex(sha256(content)));
    if (fault) return fault;
  }
  if (kind.features === null) return null;
  return canonical(kind.features) === canonical(receipt.features) ? null : "the pool counts the person with other features";
}

// -- for the verifier of the letters beside this one ---------------------------------------------------

export const alphabet = {
  announcedShape: ANNOUNCED,
  demand,
  exactly,
  fraction,
  fractionText,
  fromHex,
  hex,
  instant,
  isObject,
  joined,
  listOf,
  lp,
  mappingOf,
  matching,
  microseconds,
  natural,
  nullable,
  own,
  record,
  rulebookShape: RULEBOOK,
  salt,
  sha,
  side,
  text,
  utf8,
  valuesShape: SPOKEN,
  written,
};
export const randomnessSteps = { sources, randomness, beacon };
export { below, differingList, differs, part, run, spelling };

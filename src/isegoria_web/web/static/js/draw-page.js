// The page of a draw: redoes it in this browser with its steps ticking, and looks up a code without telling anybody.
// All words come from the page, so that they are translated; nothing is sent but the request for the published file.

import { lookUp, parsed, rootOf, verifyBytes, verifyEarlier, verifyReceipt } from "./draw-verifier.js";
import { verifyLetterBytes } from "./letters-verifier.js";

const area = document.querySelector("[data-draw-check]");
const lookup = document.querySelector("[data-lookup]");
const beside = document.querySelector("[data-earlier-check]");
const language = document.documentElement.lang;

let loading = null;

/** Fetch the published file once; every check works on the same bytes. */
function published() {
  loading ??= fetch(area.dataset.record, { credentials: "omit" }).then(async (response) => {
    if (!response.ok) throw new Error(String(response.status));
    return new Uint8Array(await response.arrayBuffer());
  });
  loading.catch(() => {
    loading = null; // the next try asks again
  });
  return loading;
}

/** Fill the places {like_this} of a sentence of the page. */
const filled = (sentence, values) => sentence.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);

/** Let the browser paint before the next piece of work. */
const pause = () => new Promise((resolve) => requestAnimationFrame(() => setTimeout(resolve)));

function tell(place, sentence, late = false) {
  place.textContent = sentence;
  place.classList.toggle("late", late);
  place.hidden = false;
}

function show(item, step) {
  item.dataset.state = !step.ok ? "false" : step.unchecked ? "open" : "holds";
  item.querySelector("[data-said]").textContent = `: ${item.dataset[`word${item.dataset.state}`]}`;
  const note = item.querySelector("[data-note]");
  note.textContent = step.difference ?? (step.unchecked ? item.dataset.open ?? "" : "");
  note.hidden = !note.textContent;
}

function reset(list) {
  for (const item of list.querySelectorAll("[data-step]")) {
    item.dataset.state = "waiting";
    item.querySelector("[data-said]").textContent = "";
    item.querySelector("[data-note]").hidden = true;
  }
}

async function redo() {
  const list = area.querySelector("[data-steps]");
  const status = area.querySelector("[data-status]");
  const button = area.querySelector("[data-redo]");
  button.disabled = true;
  reset(list);
  area.querySelector("[data-server]").hidden = true;
  tell(status, area.dataset.textRunning);
  try {
    const began = performance.now();
    const bytes = await published();
    let [count, failed] = [0, null];
    await pause();
    const verify = area.dataset.kind === "letters" ? verifyLetterBytes : verifyBytes;
    for await (const step of verify(bytes, area.dataset.published)) {
      const item = list.querySelector(`[data-step="${step.name}"]`);
      if (item) show(item, step);
      count += 1;
      if (!step.ok) failed ??= item ? item.dataset.name : step.name;
      await pause();
    }
    const seconds = new Intl.NumberFormat(language, { maximumFractionDigits: 1 }).format(
      (performance.now() - began) / 1000,
    );
    const sentence = failed ? area.dataset.textFalse : area.dataset.textHolds;
    tell(status, filled(sentence, { count, seconds, step: failed }), Boolean(failed));
  } catch {
    tell(status, area.dataset.textUnreachable, true);
  }
  button.disabled = false;
}

/** Whether every step of the published record holds by itself: without that a comparison says nothing. */
async function holdsByItself(bytes) {
  for await (const step of verifyBytes(bytes, area.dataset.published)) {
    if (!step.ok) return false;
    await pause();
  }
  return true;
}

/** The JSON value of a file; undefined where it is none. */
function read(bytes) {
  try {
    return parsed(bytes);
  } catch {
    return undefined;
  }
}

/** Check the draw beside an earlier record: the one of this site, or a file that stays in this browser. */
async function compare(earlierBytes) {
  const list = beside.querySelector("[data-earlier-steps]");
  const status = beside.querySelector("[data-earlier-status]");
  const words = beside.dataset;
  reset(list);
  list.hidden = true;
  tell(status, area.dataset.textRunning);
  await pause();
  try {
    const [bytes, before] = await Promise.all([published(), earlierBytes()]);
    const earlier = read(before);
    if (earlier === undefined) return tell(status, words.textNoRecord, true);
    if (!(await holdsByItself(bytes))) return tell(status, words.textFirst, true);
    list.hidden = false;
    let holds = true;
    for await (const step of verifyEarlier(parsed(bytes), earlier)) {
      show(list.querySelector(`[data-step="${step.name}"]`), step);
      holds &&= step.ok;
      await pause();
    }
    return tell(status, holds ? words.textHolds : words.textFalse, !holds);
  } catch {
    return tell(status, area.dataset.textUnreachable, true);
  }
}

async function ofThisSite() {
  const response = await fetch(beside.dataset.earlier, { credentials: "omit" });
  if (!response.ok) throw new Error(String(response.status));
  return new Uint8Array(await response.arrayBuffer());
}

/** A chance as a percentage. */
function percent([numerator, denominator]) {
  const share = Number((numerator * 10_000_000n) / denominator) / 10_000_000;
  return new Intl.NumberFormat(language, { style: "percent", minimumFractionDigits: 2 }).format(share);
}

async function lookUpCode(event) {
  event.preventDefault();
  const words = lookup.dataset;
  const answer = lookup.querySelector("[data-answer]");
  const way = lookup.querySelector("[data-way]");
  const code = lookup.querySelector("input[name=code]").value.replace(/[\s-]/g, "").toUpperCase();
  way.hidden = true;
  if (!code) return;
  tell(answer, area.dataset.textRunning);
  try {
    const file = parsed(await published());
    await pause();
    const found = lookUp(file, code);
    if (!found) {
      tell(answer, words.textUnknown, true);
      return;
    }
    const result = filled(words[`text${found.outcome}`], { place: found.place });
    const told = found.chance
      ? filled(words.textFound, { code, chance: percent(found.chance) })
      : filled(words.textFoundSealed, { code });
    tell(answer, `${told} ${result}`);
    showWay(way, found, file.pool.root);
  } catch {
    tell(answer, area.dataset.textUnreachable, true);
  }
}

/** Show the path from the entry to the published root, and whether it leads there. */
function showWay(way, found, root) {
  const list = way.querySelector("[data-path]");
  list.replaceChildren(
    ...[found.entry.leaf, ...found.path.map((one) => one.hash)].map((hash) => {
      const item = document.createElement("li");
      item.append(Object.assign(document.createElement("code"), { textContent: hash }));
      return item;
    }),
  );
  const exact = way.querySelector("[data-exact]");
  exact.parentElement.hidden = !found.chance; // in a sealed draw for vacant seats only the receipt tells it
  exact.textContent = found.chance?.join("/") ?? "";
  const leads = rootOf(found.entry.leaf, found.path) === root;
  const words = lookup.dataset;
  tell(way.querySelector("[data-leads]"), leads ? words.textLeads : words.textAstray, !leads);
  way.hidden = false;
}

async function checkReceipt() {
  const list = lookup.querySelector("[data-receipt-steps]");
  const status = lookup.querySelector("[data-receipt-status]");
  const written = lookup.querySelector("[data-receipt-text]").value;
  reset(list);
  list.hidden = false;
  let receipt;
  try {
    receipt = parsed(new TextEncoder().encode(written.trim()));
  } catch {
    list.hidden = true;
    tell(status, lookup.dataset.textNoReceipt, true);
    return;
  }
  try {
    const file = parsed(await published());
    let holds = true;
    for await (const step of verifyReceipt(file, receipt)) {
      show(list.querySelector(`[data-step="${step.name}"]`), step);
      holds = holds && step.ok;
      await pause();
    }
    tell(status, holds ? lookup.dataset.textReceiptHolds : lookup.dataset.textReceiptFalse, !holds);
  } catch {
    tell(status, area.dataset.textUnreachable, true);
  }
}

if (area) {
  area.querySelector("[data-redo]").addEventListener("click", redo);
  for (const each of document.querySelectorAll("[data-script-only]")) each.hidden = false;
  for (const each of document.querySelectorAll("[data-script-less]")) each.hidden = true;
}
if (area && lookup) {
  lookup.querySelector("form").addEventListener("submit", lookUpCode);
  lookup.querySelector("[data-receipt-check]").addEventListener("click", checkReceipt);
}
if (area && beside) {
  beside.querySelector("[data-earlier-redo]").addEventListener("click", () => compare(ofThisSite));
  beside.querySelector("[data-earlier-file]").addEventListener("change", (event) => {
    const [file] = event.target.files;
    if (file) compare(async () => new Uint8Array(await file.arrayBuffer()));
  });
}

// A citizen's own receipts, checked in her browser against the published files. Nothing is sent but the requests for these.

import { parsed, verifyReceipt } from "./draw-verifier.js";
import { verifyLetterReceipt, waveOf } from "./letters-verifier.js";

const words = document.querySelector("[data-words]")?.dataset ?? {};
const verifierOf = (key) => (key === "letter" ? verifyLetterReceipt : verifyReceipt);

function tell(place, sentence, late = false) {
  place.textContent = sentence;
  place.classList.toggle("late", late);
  place.hidden = false;
}

function show(item, step) {
  item.dataset.state = step.ok ? "holds" : "false";
  item.querySelector("[data-said]").textContent = `: ${item.dataset[`word${item.dataset.state}`]}`;
  const note = item.querySelector("[data-note]");
  note.textContent = step.difference ?? "";
  note.hidden = !note.textContent;
}

async function check(area) {
  const status = area.querySelector("[data-status]");
  const list = area.querySelector("[data-steps]");
  const key = area.dataset.receipt;
  tell(status, words.textRunning);
  for (const item of list.querySelectorAll("[data-step]")) item.dataset.state = "waiting";
  list.hidden = false;
  try {
    const response = await fetch(area.dataset.record, { credentials: "omit" });
    if (!response.ok) throw new Error(String(response.status));
    const file = parsed(new Uint8Array(await response.arrayBuffer()));
    const receipt = JSON.parse(document.getElementById(key).textContent);
    let holds = true;
    for await (const step of verifierOf(key)(file, receipt)) {
      const item = list.querySelector(`[data-step="${step.name}"]`);
      if (item) show(item, step);
      holds = holds && step.ok;
    }
    // Whoever reads this page got a letter, so one must have been drawn for her pseudonym.
    if (key === "letter" && holds && file.result) holds = waveOf(file, receipt) !== 0;
    tell(status, holds ? words.textHolds : words.textFalse, !holds);
  } catch {
    tell(status, words.textUnreachable, true);
  }
}

for (const area of document.querySelectorAll("[data-receipt]")) {
  const button = area.querySelector("[data-check]");
  button.hidden = false;
  button.addEventListener("click", () => check(area));
}

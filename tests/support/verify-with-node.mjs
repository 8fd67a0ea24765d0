// Verifies draw records with the browser's module under Node: one JSON object a line in, one a line out.
import { createInterface } from "node:readline";
import { lookUp, parsed, rootOf, verifyBytes, verifyEarlier, verifyReceipt } from "./js/draw-verifier.js";
import { verifyLetterBytes, verifyLetterReceipt, waveOf } from "./js/letters-verifier.js";

async function answer({ content, published, receipt, letters, earlier }) {
  const bytes = Buffer.from(content, "base64");
  const steps = [];
  if (letters && receipt) {
    for await (const step of verifyLetterReceipt(parsed(bytes), receipt)) steps.push(step);
    return { steps, wave: waveOf(parsed(bytes), receipt) };
  }
  if (earlier !== undefined) {
    for await (const step of verifyEarlier(parsed(bytes), earlier)) steps.push(step);
    return { steps };
  }
  if (letters) {
    for await (const step of verifyLetterBytes(new Uint8Array(bytes), published ?? null)) steps.push(step);
    return { steps };
  }
  if (receipt) {
    for await (const step of verifyReceipt(parsed(bytes), receipt)) steps.push(step);
    const found = lookUp(parsed(bytes), receipt.code);
    const chance = found && (found.chance?.join("/") ?? null);
    const root = found && rootOf(found.entry.leaf, found.path);
    return { steps, chance, root, outcome: found && found.outcome, place: found && found.place };
  }
  for await (const step of verifyBytes(new Uint8Array(bytes), published ?? null)) steps.push(step);
  return { steps };
}

for await (const line of createInterface({ input: process.stdin })) {
  console.log(JSON.stringify(await answer(JSON.parse(line))));
}

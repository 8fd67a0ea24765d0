// A party's secret number for a commit–reveal: made and hashed here, in its own browser, and sent to nobody.
// After docs/draw-record.md: SHA-256("isegoria-reveal/1" ‖ 0x00 ‖ lp(source) ‖ lp(party) ‖ secret).
import { sha256 } from "../vendor/noble-hashes-2.4.0.js";

const SECRET_BYTES = 32;
const utf8 = (text) => new TextEncoder().encode(text);
const hex = (bytes) => Array.from(bytes, (byte) => byte.toString(16).padStart(2, "0")).join("");

function withLength(bytes) {
  const whole = new Uint8Array(8 + bytes.length);
  new DataView(whole.buffer).setBigUint64(0, BigInt(bytes.length));
  whole.set(bytes, 8);
  return whole;
}

/** Return the name of a party as it is hashed, or null where it cannot be announced. */
export function partyName(text) {
  const name = text.trim().normalize("NFC");
  return name && name.length <= 300 && !/[\r\n\t]/.test(name) ? name : null;
}

/** Return the bytes of a secret number of 64 hexadecimal digits, or null. */
export function secretBytes(text) {
  const digits = text.trim().toLowerCase();
  return /^[0-9a-f]{64}$/.test(digits) ? Uint8Array.from(digits.match(/../g), (pair) => parseInt(pair, 16)) : null;
}

/** Return the hash that binds a party to its secret number. */
export function promiseOf(source, party, secret) {
  const parts = [utf8("isegoria-reveal/1\0"), withLength(utf8(source)), withLength(utf8(party)), secret];
  return hex(sha256(Uint8Array.from(parts.flatMap((part) => Array.from(part)))));
}

function start(area) {
  const [party, secret, line, fault] = ["party", "secret", "line", "fault"].map((name) =>
    area.querySelector(`[data-${name}]`),
  );
  const result = area.querySelector("[data-result]");

  function show() {
    const name = partyName(party.value);
    const bytes = secretBytes(secret.value);
    const wrong = (name === null && area.dataset.textNoParty) || (bytes === null && area.dataset.textNoSecret) || "";
    fault.textContent = wrong;
    fault.hidden = !wrong;
    result.hidden = Boolean(wrong);
    if (!wrong) line.textContent = `${name}: ${promiseOf(area.dataset.source, name, bytes)}`;
  }

  area.querySelector("[data-make]").addEventListener("click", () => {
    secret.value = hex(crypto.getRandomValues(new Uint8Array(SECRET_BYTES)));
    show();
  });
  area.querySelector("[data-keep]").addEventListener("click", () => {
    const link = document.createElement("a");
    link.href = URL.createObjectURL(new Blob([`${secret.value.trim()}\n`], { type: "text/plain" }));
    link.download = `${area.dataset.source.replace(/[^A-Za-z0-9-]+/g, "-")}-secret.txt`;
    link.click();
    setTimeout(() => URL.revokeObjectURL(link.href), 60000); // some browsers read it only after the click
  });
  area.addEventListener("submit", (event) => {
    event.preventDefault(); // nothing is sent anywhere
    show();
  });
  area.hidden = false;
}

if (typeof document !== "undefined") {
  for (const area of document.querySelectorAll("[data-promise]")) start(area);
}

// Keeps the state of a draw up to date: counts down, asks the server every few seconds, and when something has
// happened takes over the new page, letting the seats fill one by one. Without it the pages work by reloading.
const EVERY = 3000;
const OVER = ["final", "annulled"]; // nothing more happens
const SEAT_AFTER = 180; // milliseconds from seat to seat
const calm = matchMedia("(prefers-reduced-motion: reduce)");
const root = () => document.querySelector("#ceremony");
const language = document.documentElement.lang || "en";
let ahead = 0; // how far the server's clock is ahead of this one, in milliseconds
let seen = "";

function unit(count, name) {
  return new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "long" }).format(count);
}

export function remaining(milliseconds, say = unit) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const days = Math.floor(seconds / 86400);
  const two = (number) => String(number).padStart(2, "0");
  if (days > 1) return say(days, "day");
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(":");
}

function tick() {
  for (const element of document.querySelectorAll("[data-countdown]")) {
    const left = Date.parse(element.dataset.countdown) - Date.now() - ahead;
    const words = remaining(left);
    if (element.firstElementChild.textContent !== words) element.firstElementChild.textContent = words;
  }
}

// What must change before the page is taken over anew.
export function signature(state) {
  return JSON.stringify([state.phase, state.sources.map((one) => [one.phase, one.parts, one.revealed, one.withheld]), state.members]);
}

async function takeOver(phase) {
  if (phase !== root().dataset.phase && !document.body.classList.contains("projector")) {
    location.reload(); // chances, quotas and result stand elsewhere on the page
    return;
  }
  const answer = await fetch(location.href, { headers: { Accept: "text/html" } });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("#ceremony");
  const before = root().querySelectorAll(".seats .taken").length;
  root().replaceWith(document.adoptNode(fresh));
  if (before === 0 && !calm.matches) fill(fresh.querySelectorAll(".seats .taken"));
  tick();
}

function fill(seats) {
  for (const seat of seats) seat.classList.add("coming");
  seats.forEach((seat, index) => setTimeout(() => seat.classList.remove("coming"), SEAT_AFTER * (index + 1)));
}

async function ask() {
  try {
    const answer = await fetch(root().dataset.live, { headers: { Accept: "application/json" } });
    if (!answer.ok) return;
    const state = await answer.json();
    ahead = Date.parse(state.now) - Date.now();
    const now = signature(state);
    if (seen && now !== seen) await takeOver(state.phase);
    seen = now;
  } catch {
    // The network comes back; the page says what was last known.
  }
}

if (typeof document !== "undefined" && root()) {
  const told = document.querySelector("[data-now]");
  if (told) ahead = Date.parse(told.dataset.now) - Date.now();
  tick();
  setInterval(tick, 1000);
  if (!OVER.includes(root().dataset.phase)) {
    ask();
    setInterval(ask, EVERY);
  }
}

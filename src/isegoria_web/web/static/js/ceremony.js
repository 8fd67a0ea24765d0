// Keeps the state of a draw up to date: counts down, asks the server from time to time, and when something has happened
// takes over the new page, letting balls arrive and seats fill one by one. Without it the pages work by reloading.
//
// A thousand phones in the hall must not become a storm: each asks once at a time, seldom while nothing can happen,
// ever more seldom while the server does not answer, not at all in the background, and never again once it is over.
const SOON = 3_000; // milliseconds between questions around the announced moment
const LATER = 30_000; // long before it, and while objections run
const NEAR = 10 * 60_000; // how long before the moment "soon" begins
const SLOWEST = 5 * 60_000;
const PATIENCE = 15_000; // for one answer
const OVER = ["final", "annulled"]; // nothing more happens
const BALL_AFTER = 600; // from ball to ball
const SEAT_AFTER = 180; // from seat to seat

function unit(count, name, language) {
  return new Intl.NumberFormat(language, { style: "unit", unit: name, unitDisplay: "long" }).format(count);
}

export function remaining(milliseconds, say = (count, name) => unit(count, name, "en")) {
  const seconds = Math.max(0, Math.ceil(milliseconds / 1000));
  const days = Math.floor(seconds / 86400);
  const two = (number) => String(number).padStart(2, "0");
  if (days > 1) return say(days, "day");
  return [Math.floor(seconds / 3600), Math.floor(seconds / 60) % 60, seconds % 60].map(two).join(":");
}

/** What must change before the page is taken over anew. */
export function signature(state) {
  const sources = state.sources.map((one) => [one.phase, one.parts, one.revealed, one.withheld]);
  return JSON.stringify([state.phase, sources, state.members]);
}

/**
 * Milliseconds until the next question; null when there is nothing more to ask.
 *
 * `left`: milliseconds to the announced moment; `failures`: answers that failed in a row; `luck`: from 0 to 1, so that
 * those who lost the server at the same moment do not come back at the same moment.
 */
export function pause(phase, left, failures, luck = Math.random()) {
  if (OVER.includes(phase)) return null;
  const quiet = phase === "drawn" || (left > NEAR && (phase === "announced" || phase === "committed"));
  const usual = Math.min((quiet ? LATER : SOON) * 2 ** Math.min(failures, 10), SLOWEST);
  const early = quiet && phase !== "drawn" ? Math.max(SOON, left - NEAR) : usual;
  return Math.min(usual, early) * (1 + luck / 4);
}

function follow() {
  const calm = matchMedia("(prefers-reduced-motion: reduce)");
  const language = document.documentElement.lang || "en";
  const onScreen = document.body.classList.contains("projector");
  const root = () => document.querySelector("#ceremony");
  const said = document.querySelector("[data-said]");
  let ahead = 0; // how far the server's clock is ahead of this one, in milliseconds
  let state = JSON.parse(document.querySelector("#ceremony-state").textContent);
  let failures = 0;
  let timer = null;
  let asking = false;

  const now = () => Date.now() + ahead;
  const setClock = () => (ahead = Date.parse(state.now) - Date.now());

  function tick() {
    for (const element of document.querySelectorAll("[data-countdown]")) {
      const words = remaining(Date.parse(element.dataset.countdown) - now(), (count, name) => unit(count, name, language));
      if (element.firstElementChild.textContent !== words) element.firstElementChild.textContent = words;
    }
  }

  /** Let things come one by one; returns how long that takes. */
  function come(things, every, from = 0) {
    if (calm.matches) return from;
    for (const thing of things) thing.classList.add("coming");
    things.forEach((thing, index) => setTimeout(() => thing.classList.remove("coming"), from + every * (index + 1)));
    return from + every * things.length;
  }

  function arrive(next) {
    const known = (one) => one.phase === "known";
    const fresh = next.sources.flatMap((one, index) => (known(one) && !known(state.sources[index] ?? {}) ? [index] : []));
    const lists = [...root().querySelectorAll("[data-source]")].filter((list) => fresh.includes(Number(list.dataset.source)));
    const parts = lists.flatMap((list) => [...list.children]);
    const after = come(parts, BALL_AFTER);
    if (!state.members.length && next.members.length) come([...root().querySelectorAll(".seats .taken")], SEAT_AFTER, after);
  }

  /** Say what changed to who cannot see it, in the words that the page shows. */
  function tell() {
    if (said) said.textContent = [...root().querySelectorAll("[data-tell]")].map((one) => one.textContent.trim()).join(". ");
  }

  async function takeOver(next) {
    if (next.phase !== state.phase && !onScreen) {
      const reloaded = `${location.pathname} ${next.phase}`; // chances, quotas and result stand elsewhere on the page
      if (sessionStorage.getItem("ceremony") !== reloaded) {
        sessionStorage.setItem("ceremony", reloaded);
        location.reload();
        return;
      }
    }
    const answer = await fetch(location.href, { headers: { Accept: "text/html" }, signal: AbortSignal.timeout(PATIENCE) });
    if (!answer.ok) throw new Error(String(answer.status));
    const page = new DOMParser().parseFromString(await answer.text(), "text/html");
    const fresh = page.querySelector("#ceremony");
    if (!fresh) throw new Error("another page");
    const focused = root().contains(document.activeElement) ? document.activeElement.getAttribute("href") : null;
    root().replaceWith(document.adoptNode(fresh));
    if (focused) root().querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
    arrive(next);
    tell();
  }

  async function ask() {
    if (asking) return;
    asking = true;
    try {
      const options = { headers: { Accept: "application/json" }, signal: AbortSignal.timeout(PATIENCE) };
      const answer = await fetch(root().dataset.live, options);
      if (!answer.ok) throw new Error(String(answer.status));
      const next = await answer.json();
      if (signature(next) !== signature(state)) await takeOver(next);
      state = next; // only once the page shows it, else the next question tries again
      setClock();
      tick();
      failures = 0;
    } catch {
      failures += 1; // the network comes back; until then the page says what was last known
    }
    asking = false;
    plan();
  }

  function plan() {
    clearTimeout(timer);
    const wait = pause(state.phase, Date.parse(state.due) - now(), failures);
    if (wait !== null && !document.hidden) timer = setTimeout(ask, wait);
  }

  document.addEventListener("visibilitychange", () => {
    if (document.hidden) clearTimeout(timer);
    else if (!OVER.includes(state.phase)) ask();
  });
  setClock();
  tick();
  setInterval(tick, 1000);
  plan();
}

if (typeof document !== "undefined" && document.querySelector("#ceremony-state")) follow();

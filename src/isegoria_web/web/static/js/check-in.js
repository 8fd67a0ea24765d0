// At the door. A member's square carries her code after the #, which browsers never send to a server: this puts it into
// the field and takes it out of the address bar. One tap on the button checks her in; nothing happens by itself.
// And it keeps the list of who is missing up to date, as several desks may be at work.
const EVERY = 8_000; // milliseconds

const field = document.querySelector("input[name=code]");

function take() {
  const code = decodeURIComponent(location.hash.slice(1));
  if (!field || !/^[0-9A-Za-z-]{8,9}$/.test(code)) return;
  field.value = code;
  history.replaceState(null, "", location.pathname + location.search);
  field.form.querySelector("button").focus();
}

async function refresh() {
  const room = document.querySelector("[data-live]");
  if (document.hidden || room.contains(document.activeElement)) return;
  const answer = await fetch(location.pathname, { credentials: "same-origin" });
  if (!answer.ok) return;
  const page = new DOMParser().parseFromString(await answer.text(), "text/html");
  const fresh = page.querySelector("[data-live]");
  const text = (element) => element.textContent.replace(/\s+/g, " ");
  if (fresh && text(fresh) !== text(room) && !room.contains(document.activeElement)) room.replaceWith(fresh);
}

take();
addEventListener("hashchange", take);
// A phone without network shows what it had, and asks again.
setInterval(() => refresh().catch(() => undefined), EVERY);

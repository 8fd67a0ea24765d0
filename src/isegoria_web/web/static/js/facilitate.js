// The facilitator's page at a table, when the network comes and goes: whatever is done is kept on this device first,
// and sent until the server has answered. Without this file every button is an ordinary form.
"use strict";

(() => {
  const root = document.getElementById("facilitate");
  if (!root) return;

  // -- what is kept on this device --------------------------------------------------------------------------------
  const KEY = `facilitate ${root.dataset.person} ${root.dataset.here}`;
  const EMPTY = { state: null, queue: [], drafts: {}, running: null, timer: null, refused: [] };
  let left = false; // she signs out: nothing is kept any more

  function read() {
    try {
      return { ...EMPTY, ...JSON.parse(localStorage.getItem(KEY)) };
    } catch {
      return { ...EMPTY };
    }
  }

  const kept = read();
  const shown = JSON.parse(root.dataset.state);
  if (!kept.state || shown.at >= kept.state.at) kept.state = shown;

  function save() {
    if (left) return;
    const idle = kept.state.closed && !kept.queue.length && !kept.refused.length;
    try {
      if (idle) localStorage.removeItem(KEY);
      else localStorage.setItem(KEY, JSON.stringify(kept));
    } catch {
      say("full", true);
    }
  }

  // Names leave when the meeting is over, also those of tables that were kept for somebody else on this device.
  function forgetOver() {
    for (const key of Object.keys(localStorage).filter((each) => each.startsWith("facilitate "))) {
      try {
        const other = JSON.parse(localStorage.getItem(key));
        const foreign = !key.startsWith(`facilitate ${root.dataset.person} `);
        if (key === KEY || !(foreign || Date.now() > Date.parse(other.state.until))) continue;
        if (other.queue.length || other.refused.length || Object.values(other.drafts).some((each) => each.text)) {
          other.state.people = [];
          localStorage.setItem(key, JSON.stringify(other));
        } else localStorage.removeItem(key);
      } catch {
        localStorage.removeItem(key);
      }
    }
    const over = kept.state.closed || Date.now() > Date.parse(kept.state.until);
    if (!over) return false;
    kept.state.people = [];
    kept.running = null;
    if (navigator.serviceWorker && navigator.serviceWorker.controller) navigator.serviceWorker.controller.postMessage("forget");
    if ("caches" in window) {
      caches.keys().then((names) =>
        names.filter((name) => name.startsWith(`facilitate ${root.dataset.here} `)).forEach((name) => caches.delete(name)),
      );
    }
    return true;
  }

  function newId() {
    const bytes = crypto.getRandomValues(new Uint8Array(16));
    bytes[6] = (bytes[6] & 0x0f) | 0x40;
    bytes[8] = (bytes[8] & 0x3f) | 0x80;
    const hex = [...bytes].map((byte) => byte.toString(16).padStart(2, "0")).join("");
    return [hex.slice(0, 8), hex.slice(8, 12), hex.slice(12, 16), hex.slice(16, 20), hex.slice(20)].join("-");
  }

  // -- words and patterns ----------------------------------------------------------------------------------------
  const part = (within, name) => within.querySelector(`[data-fill="${name}"]`);
  const pattern = (name) => root.querySelector(`template[data-pattern="${name}"]`).content;
  const word = (name) => pattern("words").querySelector(`[data-word="${name}"]`).textContent;
  const copyOf = (name) => document.importNode(pattern(name), true).firstElementChild || null;
  const clock = (seconds) => `${Math.floor(seconds / 60)}:${String(Math.floor(seconds % 60)).padStart(2, "0")}`;
  // A citizen has a number; who is appointed is known by her name, and her sign is a text.
  const isAppointed = (one) => typeof one.number === "string";
  const called = (one) => (one.name ? `${one.name} (${one.number})` : `${word("member")} ${one.number}`);
  const calledBy = (one) => (isAppointed(one) ? one.name : called(one));

  function say(name, waiting, more = "") {
    const line = part(root, "link");
    const text = word(name) + (more ? ` ${more}` : "");
    line.hidden = false;
    line.classList.toggle("waiting", waiting);
    part(root, "sign-in").hidden = name !== "signed-out";
    if (line.textContent !== text) line.textContent = text;
  }

  // -- who speaks ------------------------------------------------------------------------------------------------
  const turns = root.querySelector("ol.turns");

  function people() {
    const more = {};
    for (const entry of kept.queue) if (entry.kind === "turn") more[entry.member] = (more[entry.member] || 0) + entry.seconds;
    return kept.state.people
      .map((one) => ({ ...one, seconds: one.seconds + (more[one.number] || 0) }))
      .sort((one, other) => one.seconds - other.seconds || inOrder(one, other));
  }

  function inOrder(one, other) {
    if (isAppointed(one) !== isAppointed(other)) return isAppointed(one) ? 1 : -1;
    if (isAppointed(one)) return one.number < other.number ? -1 : 1;
    return one.number - other.number;
  }

  function showPeople() {
    if (!turns) return;
    const all = people();
    const focused = document.activeElement && document.activeElement.closest("ol.turns > li");
    const member = focused && focused.dataset.member;
    turns.replaceChildren(
      ...all.map((one) => {
        const line = copyOf("turn");
        line.dataset.member = one.number;
        line.querySelector("[name=member]").value = one.number;
        part(line, "name").textContent = calledBy(one);
        part(line, "spoken").textContent = one.seconds ? clock(one.seconds) : word("silent");
        return line;
      }),
    );
    if (member) {
      const again = turns.querySelector(`li[data-member="${member}"] button`);
      if (again) again.focus();
    }
    const spoke = all.filter((one) => one.seconds);
    const minutes = Math.round(all.reduce((sum, one) => sum + one.seconds, 0) / 60);
    part(root, "spread").textContent = spoke.length
      ? word("spread").replace("%spoke", spoke.length).replace("%all", all.length).replace("%minutes", minutes)
      : "";
    showNow();
  }

  function showNow() {
    const box = part(root, "now");
    if (!box) return;
    const running = kept.running || kept.state.running;
    box.hidden = !running;
    if (!running) return;
    const one = kept.state.people.find((each) => each.number === running.member) || { number: running.member, name: "" };
    part(box, "speaker").textContent = calledBy(one);
    part(box, "turn-clock").textContent = clock(Math.max(0, (Date.now() - running.since) / 1000));
  }

  const LONGEST = 7200; // seconds; as on the server

  function endTurn(counts) {
    const seconds = Math.min(LONGEST, Math.round((Date.now() - kept.running.since) / 1000));
    if (counts && seconds >= 1) kept.queue.push({ id: newId(), kind: "turn", member: kept.running.member, seconds });
    kept.running = null;
  }

  function onTurn(event, form) {
    const act = form.elements.act.value;
    if (kept.state.running && !kept.running) return; // measured by the server: the form goes there
    event.preventDefault();
    if (kept.running) endTurn(act !== "discard");
    if (act === "start") {
      const pressed = kept.state.people.find((one) => String(one.number) === form.elements.member.value);
      if (pressed) kept.running = { member: pressed.number, since: Date.now() };
    }
    save();
    showPeople();
    sync();
  }

  // -- the clock -------------------------------------------------------------------------------------------------
  const minutes = document.getElementById("timer-minutes");
  const button = (name) => root.querySelector(`[data-do="${name}"]`);
  let wasOver = false;

  function showTimer() {
    if (!minutes) return;
    const whole = (Number(minutes.value) || 20) * 60;
    const timer = kept.timer;
    const rest = timer ? (timer.ends ? (timer.ends - Date.now()) / 1000 : timer.rest) : whole;
    const over = Boolean(timer) && rest <= 0;
    part(root, "timer").textContent = clock(Math.max(0, Math.ceil(rest)));
    if (over !== wasOver) part(root, "timer-over").textContent = over ? word("time-over") : "";
    wasOver = over;
    button("timer-start").hidden = Boolean(timer && timer.ends);
    button("timer-pause").hidden = !(timer && timer.ends) || over;
    button("timer-reset").hidden = !timer;
  }

  function onTimer(what) {
    const rest = kept.timer && !kept.timer.ends ? kept.timer.rest : (Number(minutes.value) || 20) * 60;
    if (what === "timer-start") kept.timer = { ends: Date.now() + rest * 1000 };
    if (what === "timer-pause") kept.timer = { ends: null, rest: Math.max(0, (kept.timer.ends - Date.now()) / 1000) };
    if (what === "timer-reset") kept.timer = null;
    save();
    showTimer();
    const next = ["timer-start", "timer-pause"].map(button).find((each) => !each.hidden);
    if (next) next.focus(); // the button that was pressed has gone
  }

  // -- notes -----------------------------------------------------------------------------------------------------
  const list = root.querySelector("ul.notes");

  function notes() {
    const all = kept.state.notes.map((each) => ({ ...each, unsent: false }));
    for (const entry of kept.queue.filter((each) => each.kind === "note")) {
      const known = all.find((each) => each.id === entry.note);
      if (known) Object.assign(known, { text: entry.text, unsent: true });
      else all.push({ id: entry.note, text: entry.text, language: entry.language, by: word("mine"), aside: [], unsent: true });
    }
    return all;
  }

  function showNotes() {
    const all = notes();
    const lines = new Map([...list.children].map((line) => [line.dataset.note, line]));
    all.forEach((note, place) => {
      const line = lines.get(note.id) || copyOf("note");
      lines.delete(note.id);
      if (list.children[place] !== line) list.insertBefore(line, list.children[place] || null);
      showNote(line, note, place + 1);
    });
    lines.forEach((line) => line.remove());
    part(root, "no-notes").hidden = all.length > 0;
  }

  function showNote(line, note, number) {
    line.dataset.note = note.id;
    const text = part(line, "text");
    if (text.textContent !== note.text) text.textContent = note.text;
    text.lang = note.language;
    part(line, "by").textContent = note.by;
    part(line, "unsent").hidden = !note.unsent;
    part(line, "number").textContent = number;
    const form = line.querySelector('[data-do="save"]');
    const draft = kept.drafts[note.id];
    if (draft && form.hidden) form.querySelector("textarea").value = draft.text;
    form.hidden = !draft;
    line.querySelector("[data-script]").hidden = Boolean(draft) || kept.state.closed;
    const told = JSON.stringify([note.aside, note.text]);
    const asides = part(line, "asides");
    if (asides.dataset.told === told) return; // what is typed there stays
    asides.dataset.told = told;
    const stored = kept.state.notes.find((each) => each.id === note.id);
    asides.replaceChildren(...note.aside.map((other) => asideOf(stored, other)));
  }

  function asideOf(note, other) {
    const box = copyOf("aside");
    part(box, "stored").textContent = note.text;
    part(box, "other").textContent = other.text;
    part(box, "by").textContent = other.by;
    box.querySelectorAll("[name=wording]").forEach((each) => (each.value = other.id));
    box.querySelectorAll("[name=seen]").forEach((each) => (each.value = note.text));
    box.querySelector('[data-is="stored"]').value = note.text;
    box.querySelector('[data-is="other"]').value = other.text;
    box.querySelector('[data-is="together"]').value = `${note.text}\n\n${other.text}`;
    return box;
  }

  function queueNote(note, text, language, seen) {
    const waiting = kept.queue.find((each) => each.kind === "note" && each.note === note && !each.tried);
    if (waiting) waiting.text = text; // the server has not seen the earlier one: it need not
    else kept.queue.push({ id: newId(), kind: "note", note, text, language, seen });
  }

  function onNewNote(event, form) {
    event.preventDefault();
    const text = form.elements.text.value.trim();
    if (!text) {
      form.elements.text.focus();
      return;
    }
    queueNote(newId(), text, form.elements.language.value, "");
    delete kept.drafts.new;
    form.elements.text.value = "";
    save();
    showNotes();
    sync();
  }

  function onSave(event, line) {
    event.preventDefault();
    const area = line.querySelector('[data-do="save"] textarea');
    const text = area.value.trim();
    if (!text) {
      area.focus();
      return;
    }
    const note = notes().find((each) => each.id === line.dataset.note);
    const { seen } = kept.drafts[note.id];
    if (text !== seen) queueNote(note.id, text, note.language, seen);
    delete kept.drafts[note.id];
    save();
    showNotes();
    line.querySelector('[data-do="edit"]').focus();
    sync();
  }

  // -- what the server did not take --------------------------------------------------------------------------------
  function showRefused() {
    const box = part(root, "refused");
    box.hidden = !kept.refused.length;
    box.querySelector("ul").replaceChildren(
      ...kept.refused.map((each) => {
        const line = copyOf("refused");
        line.dataset.id = each.id;
        part(line, "why").textContent = each.why;
        part(line, "text").textContent = each.text;
        return line;
      }),
    );
  }

  function textOf(entry) {
    if (entry.kind === "note") return entry.text;
    const one = kept.state.people.find((each) => each.number === entry.member) || { number: entry.member, name: entry.member };
    const who = isAppointed(one) ? calledBy(one) : `${word("member")} ${entry.member}`;
    return `${word("turn-refused")}: ${who}, ${clock(entry.seconds)}`;
  }

  // -- to the server and back --------------------------------------------------------------------------------------
  const MOST = 50; // entries at once, as on the server
  const MOST_LETTERS = 60000;
  let token = "";
  let busy = false;
  let again = false;

  async function ask(entries) {
    const asked = { credentials: "same-origin", redirect: "manual", headers: { Accept: "application/json" } };
    if (entries.length) {
      asked.method = "POST";
      asked.headers["X-CSRFToken"] = token;
      asked.headers["Content-Type"] = "application/json";
      asked.body = JSON.stringify({ entries: entries.map(({ tried, ...entry }) => entry) });
    }
    const answer = await fetch(root.dataset.entries, asked);
    if (answer.type === "opaqueredirect") return { failed: "signed-out" };
    if (answer.status >= 500) return { failed: "offline" };
    if (!(answer.headers.get("Content-Type") || "").includes("json")) return { failed: token ? "stale" : "signed-out" };
    const told = await answer.json();
    if (!answer.ok) return { failed: "refused", told };
    token = told.token;
    return told;
  }

  function nextPart() {
    const entries = [];
    let letters = 0;
    for (const entry of kept.queue.slice(0, MOST)) {
      letters += JSON.stringify(entry).length;
      if (entries.length && letters > MOST_LETTERS) break;
      entries.push(entry);
    }
    return entries;
  }

  function take(told, entries) {
    for (const result of told.results) {
      const entry = entries.find((each) => each.id === result.id);
      if (!entry) continue;
      kept.queue.splice(kept.queue.indexOf(entry), 1);
      if (result.done === "refused") {
        kept.refused.push({ id: entry.id, text: textOf(entry), why: `${result.problem} ${result.way_out}` });
      }
    }
    kept.state = told.state;
    closeDrafts();
    forgetOver();
    save();
    showAll();
    if (kept.state.closed && turns) location.reload(); // the page of a closed meeting is another one
  }

  // What was being written when the meeting was closed is there to be copied.
  function closeDrafts() {
    if (!kept.state.closed) return;
    for (const [note, draft] of Object.entries(kept.drafts)) {
      if (draft.text.trim() && draft.text !== draft.seen) {
        kept.refused.push({ id: newId(), text: draft.text, why: word("closed") });
      }
      delete kept.drafts[note];
    }
  }

  async function sync() {
    if (left) return;
    if (busy) {
      again = true;
      return;
    }
    busy = true;
    try {
      let stale = 0;
      for (;;) {
        const entries = token ? nextPart() : []; // the first answer brings the token
        for (const entry of entries) entry.tried = true;
        save();
        const told = await ask(entries);
        if (left) return;
        if (told.failed === "stale" && stale < 1) {
          stale += 1;
          token = "";
          continue;
        }
        if (told.failed) {
          if (told.failed === "refused") sayRefused(told.told);
          else say(told.failed === "stale" ? "signed-out" : told.failed, true, String(kept.queue.length));
          return;
        }
        take(told, entries);
        if (!kept.queue.length) break;
        if (entries.length && told.results.length === 0) break;
      }
      say(kept.state.closed ? "closed" : "saved", false);
    } catch {
      say("offline", true, String(kept.queue.length));
    } finally {
      busy = false;
      if (again) {
        again = false;
        setTimeout(sync, 0);
      }
    }
  }

  function sayRefused(told) {
    const line = part(root, "link");
    line.hidden = false;
    line.classList.add("waiting");
    line.textContent = `${told.problem} ${told.way_out}`;
  }

  // -- beginning ---------------------------------------------------------------------------------------------------
  function showAll() {
    showPeople();
    showNotes();
    showRefused();
  }

  const fresh = part(root, "new-note");
  if (fresh) {
    const form = fresh.querySelector("form");
    if (kept.drafts.new && !form.elements.text.value) form.elements.text.value = kept.drafts.new.text;
    form.elements.text.addEventListener("input", () => {
      kept.drafts.new = { text: form.elements.text.value };
      save();
    });
    form.addEventListener("submit", (event) => onNewNote(event, form));
  }

  root.addEventListener("submit", (event) => {
    const form = event.target;
    const act = form.elements.act && form.elements.act.value;
    if (["start", "stop", "discard"].includes(act)) onTurn(event, form);
    else if (form.dataset.do === "save") onSave(event, form.closest("li"));
    else if (act === "choose" && !navigator.onLine) {
      event.preventDefault();
      say("offline", true, String(kept.queue.length));
    }
  });

  root.addEventListener("input", (event) => {
    const form = event.target.closest('[data-do="save"]');
    if (!form) return;
    kept.drafts[form.closest("li").dataset.note].text = event.target.value;
    save();
  });

  root.addEventListener("click", (event) => {
    const pressed = event.target.closest("button[data-do]");
    if (!pressed) return;
    const what = pressed.dataset.do;
    const line = pressed.closest("li");
    if (what.startsWith("timer-")) onTimer(what);
    if (what === "edit") {
      const note = notes().find((each) => each.id === line.dataset.note);
      kept.drafts[note.id] = { text: note.text, seen: note.text };
      save();
      showNotes();
      line.querySelector("textarea").focus();
    }
    if (what === "cancel") {
      delete kept.drafts[line.dataset.note];
      save();
      showNotes();
      line.querySelector('[data-do="edit"]').focus();
    }
    if (what === "copy") {
      navigator.clipboard.writeText(part(line, "text").textContent).then(() => (pressed.textContent = word("copied")));
    }
    if (what === "forget") {
      kept.refused = kept.refused.filter((each) => each.id !== line.dataset.id);
      save();
      showRefused();
    }
  });

  // Whoever hands the table over can no longer send anything: first everything must have arrived.
  root.addEventListener("click", (event) => {
    if (!event.target.closest('[data-do="hand-over"]')) return;
    const writing = Object.values(kept.drafts).filter((each) => each.text);
    const waiting = kept.queue.length + writing.length + (kept.running ? 1 : 0);
    if (!waiting) return;
    event.preventDefault();
    say("unsent", true, String(waiting));
    if (kept.queue.length) sync();
  });

  document.addEventListener("leaving", () => (left = true));
  window.addEventListener("online", sync);
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "visible") sync();
  });
  if (minutes) minutes.addEventListener("input", showTimer);

  root.querySelectorAll("[data-script]").forEach((each) => (each.hidden = false));
  if (list) list.replaceChildren();
  if (turns) turns.replaceChildren();
  closeDrafts();
  const over = forgetOver();
  save();
  showAll();
  showTimer();
  setInterval(() => {
    showNow();
    showTimer();
  }, 500);
  setInterval(() => sync(), 15000);
  sync();
  if (!over && "serviceWorker" in navigator) navigator.serviceWorker.register(root.dataset.worker).catch(() => {});
})();

// Keeps what is typed into the form of a letter, so that nothing is lost when the telephone rings.
// Without this file the form works as well: it has a button for it.
"use strict";

(() => {
  const form = document.querySelector("form[data-draft]");
  if (!form) return;
  const said = document.getElementById("draft-said");
  const WAIT = 1500; // milliseconds after the last key
  let timer = 0;
  let sent = "";

  function typed() {
    const data = new FormData(form);
    data.delete("later");
    return new URLSearchParams(data).toString();
  }

  async function keep() {
    const body = typed();
    if (body === sent) return;
    try {
      const answer = await fetch(form.dataset.draft, {
        method: "POST",
        body,
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
        credentials: "same-origin",
      });
      if (answer.ok) sent = body;
      said.textContent = answer.ok ? said.dataset.kept : said.dataset.lost;
    } catch {
      said.textContent = said.dataset.lost;
    }
  }

  form.addEventListener("input", () => {
    clearTimeout(timer);
    timer = setTimeout(keep, WAIT);
  });
  form.addEventListener("submit", () => clearTimeout(timer));
  document.addEventListener("visibilitychange", () => {
    if (document.visibilityState === "hidden" && timer) keep();
  });
  sent = typed();
})();

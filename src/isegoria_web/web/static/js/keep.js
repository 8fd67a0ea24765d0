// Keeps what is typed into a long text on the server, for who types it, so that nothing is lost.
// Without this file the form works as well; it keeps the text when it is sent.
"use strict";

(() => {
  const form = document.querySelector("form[data-keep]");
  if (!form) return;
  const said = form.querySelector("[role=status]");
  const WAIT = 1500; // milliseconds after the last key
  let timer = 0;
  let sent = new URLSearchParams(new FormData(form)).toString();

  async function keep() {
    const body = new URLSearchParams(new FormData(form)).toString();
    if (body === sent) return;
    try {
      const answer = await fetch(form.dataset.keep, {
        method: "POST",
        body,
        headers: { "Content-Type": "application/x-www-form-urlencoded" },
        credentials: "same-origin",
        keepalive: body.length < 60000,
      });
      if (!answer.ok) throw new Error(String(answer.status));
      const told = await answer.json();
      sent = body;
      said.textContent = told.behind ? said.dataset.behind : `${said.dataset.kept} ${told.kept}`;
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
    if (document.visibilityState === "hidden") keep();
  });
})();

// Shows the letter while it is written: asks for its picture when nothing was typed for a moment, one question at a time.
"use strict";

(() => {
  const area = document.querySelector("[data-letter-text]");
  const form = area.querySelector("form");
  const picture = area.querySelector("[data-picture]");
  const status = area.querySelector("[data-status]");
  const tooLong = area.querySelector("[data-too-long]");
  const PAUSE = 600; // milliseconds
  let timer = null;
  let asking = false;
  let again = false;

  function show({ picture: address, too_long: long, faults }) {
    const wrong = Object.values(faults).flat();
    status.textContent = address ? "" : [area.dataset.textFaults, ...wrong].join(" ");
    tooLong.hidden = !long;
    if (!address) return; // the last picture that could be made stays
    picture.src = address;
    picture.hidden = false;
  }

  async function ask() {
    if (asking) {
      again = true;
      return;
    }
    asking = true;
    try {
      const answer = await fetch(area.dataset.preview, { method: "POST", body: new FormData(form) });
      if (!answer.ok) throw new Error(String(answer.status));
      show(await answer.json());
    } catch {
      status.textContent = area.dataset.textAway;
    }
    asking = false;
    if (again) {
      again = false;
      ask();
    }
  }

  function soon() {
    clearTimeout(timer);
    timer = setTimeout(ask, PAUSE);
  }

  form.addEventListener("input", soon);
  form.addEventListener("change", soon);
  form.addEventListener("click", (event) => {
    if (event.target.name !== "preview") return;
    event.preventDefault(); // the picture is made without leaving the page
    clearTimeout(timer);
    ask();
  });
})();

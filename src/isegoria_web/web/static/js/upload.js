// Shows how far work in the background has come: asks for the page again until it is over, ever more slowly.
"use strict";

(() => {
  let wait = 1000; // milliseconds
  const LONGEST = 10000;
  const shown = document.querySelector("[data-open]");

  // What tells how far it is; a form in it that has the focus keeps it, so that nobody loses a button under her finger.
  function show(fresh) {
    for (const what of [".lead", "[data-told]"]) {
      const told = fresh.querySelector(what);
      const old = shown.querySelector(what);
      if (told && old && !old.contains(document.activeElement)) old.replaceWith(document.importNode(told, true));
    }
  }

  async function look() {
    try {
      const answer = await fetch(location.href, { credentials: "same-origin" });
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById(shown.id);
        if (fresh && !fresh.hasAttribute("data-open")) {
          location.reload();
          return;
        }
        if (fresh) show(fresh);
      }
    } catch {
      // The network is away for a moment: the next look will tell.
    }
    wait = Math.min(wait * 1.2, LONGEST);
    setTimeout(look, wait);
  }

  setTimeout(look, wait);
})();

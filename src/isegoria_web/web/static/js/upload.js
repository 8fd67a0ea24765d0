// Shows how far work in the background has come: asks for the page again until it is over, ever more slowly.
"use strict";

(() => {
  let wait = 1000; // milliseconds
  const LONGEST = 10000;
  const shown = document.querySelector("[data-open]");

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
        const told = fresh && fresh.querySelector(".lead");
        if (told) shown.querySelector(".lead").replaceWith(document.importNode(told, true));
      }
    } catch {
      // The network is away for a moment: the next look will tell.
    }
    wait = Math.min(wait * 1.2, LONGEST);
    setTimeout(look, wait);
  }

  setTimeout(look, wait);
})();

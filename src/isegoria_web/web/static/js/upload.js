// Shows how far a large file is read: asks for the page again until the reading is over, ever more slowly.
"use strict";

(() => {
  let wait = 1000; // milliseconds
  const LONGEST = 10000;

  async function look() {
    try {
      const answer = await fetch(location.href, { credentials: "same-origin" });
      if (answer.ok) {
        const page = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = page.getElementById("upload");
        const shown = document.getElementById("upload");
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

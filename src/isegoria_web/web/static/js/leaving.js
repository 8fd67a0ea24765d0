// Before somebody signs out whose browser keeps a table: warns if something of it has not reached the server, and
// forgets it. The server asks the browser to do the same with its answer.
"use strict";

(() => {
  const form = document.querySelector("form[data-leave]");
  if (!form) return;

  function tables() {
    return Object.keys(localStorage).filter((key) => key.startsWith("facilitate "));
  }

  function isWaiting(key) {
    try {
      const kept = JSON.parse(localStorage.getItem(key));
      return kept.queue.length > 0 || kept.refused.length > 0 || Object.values(kept.drafts).some((each) => each.text.trim());
    } catch {
      return true; // Unreadable is not the same as empty.
    }
  }

  form.addEventListener("submit", (event) => {
    if (tables().some(isWaiting) && !window.confirm(form.dataset.leave)) {
      event.preventDefault();
      return;
    }
    document.dispatchEvent(new CustomEvent("leaving"));
    tables().forEach((key) => localStorage.removeItem(key));
    if ("caches" in window) {
      caches.keys().then((names) => names.filter((name) => name.startsWith("facilitate ")).forEach((name) => caches.delete(name)));
    }
  });
})();

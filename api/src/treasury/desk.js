// While the lines of a report are matched, the page asks for the part that changes and puts it in the place of the old
// one. The keyboard stays where it was. Without this script the link beside it does the same.
(() => {
  const every = 1000;
  const ask = async () => {
    const live = document.getElementById("live");
    if (!live || live.dataset.open !== "true") return;
    try {
      const answer = await fetch(live.dataset.from, { credentials: "same-origin" });
      if (answer.redirected) { location.reload(); return; }
      if (answer.ok) {
        const parsed = new DOMParser().parseFromString(await answer.text(), "text/html");
        const fresh = parsed.getElementById("live");
        const told = document.getElementById("told");
        if (fresh) {
          if (told && told.textContent !== fresh.dataset.told) told.textContent = fresh.dataset.told;
          if (fresh.outerHTML !== live.outerHTML) {
            const held = document.activeElement;
            const inside = live.contains(held);
            live.replaceWith(document.adoptNode(fresh));
            if (inside) {
              const links = [...fresh.querySelectorAll("a")];
              const same = links.find((own) => own.getAttribute("href") === held.getAttribute("href"));
              (same ?? links[0])?.focus({ preventScroll: true });
            }
          }
        }
      }
    } catch {
      // The server is away for a moment: it is asked again.
    }
    setTimeout(ask, every);
  };
  setTimeout(ask, every);
})();

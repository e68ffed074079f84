// Keeps the state and the incidents fresh. The page works without it: press reload instead.
(() => {
  const live = document.getElementById("live");
  let shown = "";
  const refresh = async () => {
    try {
      const response = await fetch("/live", { cache: "no-store" });
      if (!response.ok) return;
      const html = await response.text();
      if (html === shown || live.contains(document.activeElement)) return;
      shown = html;
      live.innerHTML = html;
      const broken = live.querySelector("[data-broken]");
      for (const card of document.querySelectorAll("[data-breakage]")) {
        const current = broken !== null && broken.dataset.broken === card.dataset.breakage;
        card.toggleAttribute("data-current", current);
      }
    } catch {
      // The demo was stopped; the next round tries again.
    }
  };
  setInterval(() => { if (!document.hidden) refresh(); }, 1500);
  document.addEventListener("visibilitychange", () => { if (!document.hidden) refresh(); });
})();

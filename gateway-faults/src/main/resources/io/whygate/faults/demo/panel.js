// Keeps the state and the incidents fresh. The page works without it: press reload instead.
(() => {
  // A part is replaced only when it changed, so that focus and screen readers are left in peace.
  const show = (fresh) => {
    for (const part of fresh.querySelectorAll("[data-part]")) {
      const shown = document.querySelector(`main [data-part="${part.dataset.part}"]`);
      if (shown.innerHTML !== part.innerHTML) shown.innerHTML = part.innerHTML;
    }
    const broken = document.querySelector("main [data-broken]");
    for (const card of document.querySelectorAll("[data-breakage]")) {
      card.toggleAttribute("data-current", broken?.dataset.broken === card.dataset.breakage);
    }
  };
  const refresh = async () => {
    try {
      const response = await fetch("/live", { cache: "no-store" });
      if (response.ok) show(new DOMParser().parseFromString(await response.text(), "text/html"));
    } catch {
      // The demo was stopped; the next round tries again.
    }
  };
  const refreshWhenSeen = () => {
    if (!document.hidden) refresh();
  };
  setInterval(refreshWhenSeen, 1500);
  document.addEventListener("visibilitychange", refreshWhenSeen);
})();

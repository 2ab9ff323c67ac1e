startTheme();
makeSheets();
startFilters();
startTip();
startKeys();
startDetail();
addEventListener("hashchange", () => { recall(); apply(); });
addEventListener("beforeprint", () => { shells.forEach((_, at) => shown[at] && fill(at)); sizeCharts(PAPER); });
addEventListener("afterprint", () => sizeCharts(null));
// The pictures come first; the charts when the browser has time.
requestAnimationFrame(() => setTimeout(() => { startCharts(); document.documentElement.dataset.ready = "yes"; }));

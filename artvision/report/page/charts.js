// The overview: Plotly's bars of all assets, and over them those that the filters leave, counted into the same bins.

const plots = read("plots");
const PAPER = 300; // pixels: half of an upright A4 or Letter page, less its margins and those of the card
let paper = null; // the width of the charts while the page is printed
// Plotly's own `responsive` lags behind the window by a tenth of a second, and does not hear of a place that alone changes.
const widths = new ResizeObserver((seen) => seen.forEach(({ target }) => sizeChart(target)));

function count(spec, shown) {
  const counts = spec.all.map(() => 0);
  const last = counts.length - 1;
  const place = new Map(spec.names.map((name, index) => [name, index]));
  shown.forEach((is, at) => {
    if (!is) return;
    const found = spec.field === "tags" ? place.get(strongest(at, 1)[0]?.name) : value(spec.field, at);
    if (typeof found !== "number") return;
    counts[spec.edges.length ? Math.min(last, spec.edges.findLastIndex((edge) => found >= edge)) : Math.min(last, found)] += 1;
  });
  return counts;
}

function startCharts() {
  const places = document.querySelectorAll(".plot");
  plots.forEach(({ spec, figure }, index) => {
    const axis = figure.data[1].orientation === "h" ? "x" : "y";
    // Not `restyle`: whenever it changes x or y it forgets the type of both axes, and "0", "1", "6+" come back as numbers.
    const redraw = (shown) => {
      figure.data[1][axis] = count(spec, shown);
      Plotly.react(places[index], figure.data, figure.layout, { displayModeBar: false });
    };
    redraw(shown);
    widths.observe(places[index]);
    places[index].on("plotly_click", ({ points }) => narrow(spec, points[0].pointNumber));
    listeners.push(redraw);
  });
}

function sizeChart(place) {
  const width = paper ?? place.clientWidth; // 0 while the overview is folded
  if (width && width !== place.layout.width) Plotly.relayout(place, { width });
}

// null: as wide as its place on the screen.
function sizeCharts(width) {
  paper = width;
  document.querySelectorAll(".js-plotly-plot").forEach(sizeChart);
}

function narrow(spec, bar) {
  const scale = fields.get("shot.scale")?.labels ?? [];
  if (spec.edges.length) setFilters({ field: spec.field, min: spec.edges[bar], max: spec.edges[bar + 1] });
  else if (spec.field === "face.count") setFilters({ faces: String(Math.min(bar, 3)) });
  else if (spec.field === "shot.scale") setFilters({ shot: scale[bar] });
}

// The keyboard among the pictures: Tab stops once a suite, arrows move between assets, Home and End within the suite.

function resetStops() {
  for (const { button } of shells) button.tabIndex = -1;
  for (const suite of suites) {
    const first = shown.indexOf(true, suite.first);
    if (first >= 0 && first < suite.end) shells[first].button.tabIndex = 0;
  }
}

function beside(at, step) {
  for (let other = at + step; other >= 0 && other < shown.length; other += step) if (shown[other]) return other;
  return at;
}

// The nearest asset in the next row up or down: rows are what the browser made of the widths.
function across(at, step) {
  const from = shells[at].button.getBoundingClientRect();
  const middle = (from.left + from.right) / 2;
  let best = at, nearest = Infinity, row;
  for (let other = beside(at, step), last = at; other !== last; last = other, other = beside(other, step)) {
    const box = shells[other].button.getBoundingClientRect();
    if (Math.abs(box.top - from.top) < 4) continue;
    row ??= box.top;
    if (Math.abs(box.top - row) > 4) break;
    const distance = Math.abs((box.left + box.right) / 2 - middle);
    if (distance < nearest) [best, nearest] = [other, distance];
  }
  return best;
}

function move(at) {
  const suite = suiteOf[at];
  for (let other = suite.first; other < suite.end; other++) shells[other].button.tabIndex = -1;
  const { button } = shells[at];
  button.tabIndex = 0;
  button.focus();
  button.scrollIntoView({ block: "nearest" });
  showTip(button);
}

function startKeys() {
  document.getElementById("suites").addEventListener("keydown", (event) => {
    const button = event.target.closest(".asset");
    if (!button || event.altKey || event.ctrlKey || event.metaKey) return;
    const at = Number(button.dataset.at);
    const suite = suiteOf[at];
    const goals = {
      ArrowRight: () => beside(at, 1), ArrowLeft: () => beside(at, -1),
      ArrowDown: () => across(at, 1), ArrowUp: () => across(at, -1),
      Home: () => beside(suite.first - 1, 1), End: () => beside(suite.end, -1),
    };
    if (event.key === "Escape") hideTip();
    if (!(event.key in goals)) return;
    event.preventDefault();
    move(goals[event.key]());
  });
}

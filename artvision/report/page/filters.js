// What is shown: the form's state, kept in the address after the #, so that a link says what its sender saw.

const form = document.querySelector(".filters");
const NAMES = ["q", "type", "market", "lang", "faces", "shot", "canvas", "field", "min", "max"];
const CHOICES = NAMES.filter((name) => form.elements[name]); // without canvases there is nothing to choose
const DRAWN = { ...document.body.dataset };
const listeners = [];
let shown = data.assets.map(() => true);

const haystacks = data.assets.map((asset, at) => {
  const colors = (asset.palette ?? []).map(([, , name]) => name);
  const names = (asset.actors ?? []).map(([, name]) => name);
  const parts = [suiteOf[at].title, suiteOf[at].id ?? "", asset.id, asset.file, asset.type ?? "", ...colors, ...names, ...(asset.cast ?? [])];
  return parts.join("\n").toLowerCase();
});

function chosen() {
  return Object.fromEntries(CHOICES.map((name) => [name, form.elements[name].value.trim()]));
}

function passes(at, want) {
  const asset = data.assets[at];
  const scale = fields.get("shot.scale");
  return (
    (!want.q || haystacks[at].includes(want.q.toLowerCase())) &&
    ["type", "market", "lang"].every((name) => !want[name] || asset[name] === want[name]) &&
    (!want.faces || (want.faces === "3" ? value("face.count", at) >= 3 : value("face.count", at) === Number(want.faces))) &&
    (!want.shot || scale?.labels[value("shot.scale", at)] === want.shot) &&
    (!want.canvas || served(at).includes(data.canvases.indexOf(want.canvas))) &&
    (!want.field || within(value(want.field, at), want))
  );
}

// With a field chosen, an asset without a value of it is outside of any range.
function within(number, want) {
  if (typeof number !== "number") return false;
  return (want.min === "" || number >= Number(want.min)) && (want.max === "" || number <= Number(want.max));
}

function apply() {
  hideTip();
  const want = chosen();
  shown = data.assets.map((_, at) => passes(at, want));
  shells.forEach(({ item }, at) => (item.hidden = !shown[at]));
  tellSuites(shown);
  const count = shown.filter(Boolean).length;
  document.getElementById("count").value = `${count.toLocaleString("en")} of ${shown.length.toLocaleString("en")} shown`;
  document.getElementById("nothing").hidden = count > 0;
  resetStops();
  for (const listen of listeners) listen(shown);
}

// The address says what differs from a fresh page, and nothing else.
function address() {
  const kept = new URLSearchParams(Object.entries(chosen()).filter(([, text]) => text));
  for (const [name, state] of Object.entries(DRAWN)) {
    if (document.body.dataset[name] !== state) kept.set(`show-${name}`, document.body.dataset[name]);
  }
  return `#${kept}`;
}

function remember() {
  history.replaceState(null, "", address());
}

function recall() {
  const hash = location.hash.slice(1);
  if (hash && !hash.includes("=")) return; // a place on the page, no filters
  const kept = new URLSearchParams(hash);
  for (const name of CHOICES) form.elements[name].value = kept.get(name) ?? "";
  for (const button of form.querySelectorAll("[data-toggle]")) {
    const name = button.dataset.toggle;
    toggle(button, kept.get(`show-${name}`) ?? DRAWN[name]);
  }
}

function toggle(button, state) {
  document.body.dataset[button.dataset.toggle] = state;
  button.setAttribute("aria-pressed", state === "on");
}

function setFilters(wanted) {
  for (const [name, text] of Object.entries(wanted)) form.elements[name].value = text;
  apply();
  remember();
}

function startFilters() {
  for (const name of ["type", "market", "lang"]) options(name, [...new Set(data.assets.map((asset) => asset[name]).filter(Boolean))].sort());
  options("shot", fields.get("shot.scale")?.labels ?? []);
  if (form.elements.canvas) options("canvas", data.canvases);
  const numeric = data.fields.filter((field) => !field.labels.length && Array.isArray(data.values[field.name]));
  options("field", numeric.map((field) => field.name));
  // Where the style makes smaller rows for a small screen, that is what Clear returns to.
  form.elements.size.defaultValue = parseInt(getComputedStyle(document.documentElement).getPropertyValue("--row"), 10);
  recall();
  apply();
  let waiting;
  form.addEventListener("input", () => {
    clearTimeout(waiting);
    waiting = setTimeout(() => { hintRange(); apply(); remember(); }, 120);
  });
  form.addEventListener("submit", (event) => event.preventDefault());
  form.addEventListener("reset", () => setTimeout(() => { apply(); remember(); resize(); }));
  form.elements.size.addEventListener("input", resize);
  document.getElementById("clear").addEventListener("click", () => form.reset());
  form.addEventListener("click", ({ target }) => {
    if (!target.dataset.toggle) return;
    toggle(target, document.body.dataset[target.dataset.toggle] === "on" ? "off" : "on");
    remember();
  });
  for (const link of document.querySelectorAll(".pages a")) link.addEventListener("click", () => (link.hash = address()));
  hintRange();
}

function options(name, texts) {
  for (const text of texts) form.elements[name].append(el("option", { value: text }, text.replaceAll("_", " ")));
  form.elements[name].disabled = texts.length === 0;
}

function hintRange() {
  const column = data.values[form.elements.field.value];
  const numbers = Array.isArray(column) ? column.filter((found) => typeof found === "number") : [];
  const extent = numbers.reduce(([low, high], found) => [Math.min(low, found), Math.max(high, found)], [Infinity, -Infinity]);
  form.elements.min.placeholder = numbers.length ? short(extent[0]) : "from";
  form.elements.max.placeholder = numbers.length ? short(extent[1]) : "to";
}

function resize() {
  document.documentElement.style.setProperty("--row", `${form.elements.size.value}px`);
}

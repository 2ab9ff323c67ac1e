// What the page knows: rows as columns, thumbnails as text; and elements made without ever reading text as HTML.

const read = (id) => JSON.parse(document.getElementById(id).textContent);
const data = read("data");
const thumbs = read("thumbs");
const fields = new Map(data.fields.map((field) => [field.name, field]));
const tags = data.fields.filter((field) => field.kind === "zero-shot");

let next = 0;
const suites = data.suites.map(([id, title, size]) => ({ id, title, first: next, end: (next += size) }));
const suiteOf = [];
for (const suite of suites) for (let at = suite.first; at < suite.end; at++) suiteOf[at] = suite;

function el(tag, attributes = {}, ...children) {
  const svg = ["svg", "g", "rect", "path"].includes(tag);
  const made = svg ? document.createElementNS("http://www.w3.org/2000/svg", tag) : document.createElement(tag);
  for (const [name, value] of Object.entries(attributes)) made.setAttribute(name, value);
  made.append(...children);
  return made;
}

// A number, the code of what is missing, or undefined where there is no such field.
function value(name, at) {
  const column = data.values[name];
  return Array.isArray(column) ? column[at] : column;
}

// Canvases that an asset serves, as places in `data.canvases`.
const served = (at) => (data.assets[at].framed ?? []).filter((fit) => !fit.lacks).flatMap((fit) => fit.of);
const known = (name, at) => typeof value(name, at) === "number";
const counted = (number, noun, more = "s") => `${number} ${noun}${number === 1 ? "" : more}`;
const words = (name) => name.slice(name.indexOf(".") + 1).replaceAll("_", " ");

function said(name, at, unit = fields.get(name).unit) {
  const field = fields.get(name);
  const found = value(name, at);
  if (typeof found !== "number") return data.states[found] ?? "no value";
  if (field.labels.length) return field.labels[found].replaceAll("_", " ");
  if (field.dtype === "bool") return found ? "yes" : "no";
  const plain = field.dtype === "int32" || ["", "share", "score", "balance"].includes(unit);
  return plain ? short(found) : `${short(found)} ${unit}`;
}

function short(number) {
  const size = Math.abs(number);
  return Number(size >= 100 ? number.toFixed(0) : size >= 10 ? number.toFixed(1) : number.toFixed(2)).toString();
}

function strongest(at, most) {
  const offered = tags.filter((tag) => known(tag.name, at));
  return offered.sort((a, b) => value(b.name, at) - value(a.name, at)).slice(0, most);
}

// Suites as contact sheets. Shells for all assets are made at once; a picture is put in when it comes near the screen.

const shells = [];
const filling = new IntersectionObserver((seen) => {
  for (const entry of seen) if (entry.isIntersecting) fill(Number(entry.target.dataset.at));
}, { rootMargin: "600px" });

function makeSheets() {
  const place = document.getElementById("suites");
  let flow = null; // where suites of one asset that follow one another lie side by side
  for (const suite of suites) {
    suite.plates = sharedPlates(suite);
    suite.told = el("p", { class: "sub" });
    const list = el("ul", { class: "sheet" });
    for (let at = suite.first; at < suite.end; at++) list.append(shell(at, suite));
    const name = el("h3", { dir: "auto" }, suite.title);
    suite.section = el("section", { class: "suite" }, el("header", {}, name, suite.told), list);
    suite.section.setAttribute("aria-label", suite.title);
    if (alone(suite)) {
      suite.section.style.setProperty("--ratio", ratio(data.assets[suite.first]));
      suite.section.append(suite.told); // below: what stands above all pictures of a row has to be as high
      name.title = suite.title;
      if (!flow) place.append(flow = el("div", { class: "flow" }));
      flow.append(suite.section);
    } else {
      flow = null;
      place.append(suite.section);
    }
  }
}

const alone = (suite) => suite.end - suite.first === 1;

function shell(at, suite) {
  const asset = data.assets[at];
  const frame = el("span", { class: "frame" });
  const caption = el("span", { class: "caption", dir: "auto" }, ...marks(at, suite).map((text) => el("span", { class: "mark" }, `${text} · `)), asset.type ?? asset.file);
  const button = el("button", { class: "asset", type: "button", tabindex: "-1", "aria-haspopup": "dialog" }, frame, caption);
  button.setAttribute("aria-label", spoken(asset, at, suite));
  button.dataset.at = at;
  const item = el("li", {}, button);
  item.style.setProperty("--ratio", ratio(asset));
  shells.push({ item, button, frame, filled: false });
  filling.observe(button);
  return item;
}

function fill(at) {
  const found = shells[at];
  if (found.filled) return;
  found.filled = true;
  filling.unobserve(found.button);
  const asset = data.assets[at];
  const made = picture(at);
  if (known("suite.order", at)) {
    const order = value("suite.order", at);
    made.append(el("span", { class: order === 1 ? "place first" : "place" }, String(order)));
  }
  found.frame.replaceWith(made);
  made.after(palette(asset));
}

// Plates that more than one asset of the suite has, each with a letter.
function sharedPlates(suite) {
  const count = new Map();
  for (const { plate } of data.assets.slice(suite.first, suite.end)) {
    if (plate !== undefined) count.set(plate, (count.get(plate) ?? 0) + 1);
  }
  const shared = [...count].filter(([, number]) => number > 1).map(([plate]) => plate);
  return new Map(shared.map((plate, index) => [plate, index < 26 ? String.fromCharCode(65 + index) : String(index + 1)]));
}

// What sets an asset apart in its suite: to be shown first; repeating one before it; one background with another.
function marks(at, suite) {
  const { plate: own, note, repeats } = data.assets[at];
  const plate = suite.plates.get(own);
  const first = value("suite.order", at) === 1 && suite.end - suite.first > 1;
  const changed = note && thumbs[at];
  return [first && "show first", repeats && "redundant", plate && `plate ${plate}`, changed && "file changed"].filter(Boolean);
}

function spoken(asset, at, suite) {
  const faces = known("face.count", at) ? counted(value("face.count", at), "face") : "";
  const place = known("suite.order", at) ? `place ${value("suite.order", at)}` : "";
  return [suite.title, asset.type ?? "", asset.file, place, ...marks(at, suite), faces].filter(Boolean).join(", ");
}

function tellSuites(shown) {
  for (const suite of suites) {
    let count = 0;
    for (let at = suite.first; at < suite.end; at++) count += shown[at];
    const size = suite.end - suite.first;
    suite.section.hidden = count === 0;
    const number = alone(suite) ? "" : `${count < size ? `${count} of ` : ""}${counted(size, "asset")}`;
    const id = suite.id === suite.title ? "" : suite.id;
    suite.told.textContent = [number, id, data.canvases.length && service(suite)].filter(Boolean).join(" · ");
  }
}

// What a title's pictures serve together, and the canvases for which none does; those of one picture stand in its detail.
function service(suite) {
  const open = new Set(data.canvases.keys());
  for (let at = suite.first; at < suite.end; at++) for (const place of served(at)) open.delete(place);
  const all = data.canvases.length;
  const missing = [...open].map((place) => data.canvases[place]);
  const some = missing.length && missing.length < all && !alone(suite);
  return `serves ${all - open.size} of ${counted(all, "canvas", "es")}${some ? `, not ${atMost(missing)}` : ""}`;
}

function atMost(names, most = 3) {
  return names.slice(0, most).join(", ") + (names.length > most ? ` and ${names.length - most} more` : "");
}

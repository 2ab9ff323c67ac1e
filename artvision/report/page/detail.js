// One asset at large: every field with unit and place in its range, and for what is missing the reason.

const dialog = document.getElementById("detail");

function openDetail(at) {
  hideTip();
  draw(at);
  if (!dialog.open) dialog.showModal();
  dialog.querySelector("h2").focus({ preventScroll: true });
  dialog.scrollTop = 0; // also after a step from the middle of another
}

function draw(at) {
  const asset = data.assets[at];
  dialog.dataset.at = at;
  const move = (step, text) => {
    const button = el("button", { type: "button", "aria-label": text }, step < 0 ? "←" : "→");
    button.disabled = beside(at, step) === at;
    button.addEventListener("click", () => openDetail(beside(at, step)));
    return button;
  };
  const close = el("button", { type: "button" }, "Close");
  close.addEventListener("click", () => dialog.close());
  const name = el("h2", { id: "detail-title", dir: "auto", tabindex: "-1" }, `${suiteOf[at].title} · ${asset.file}`);
  const bar = el("div", { class: "bar" }, name, move(-1, "Previous asset"), move(1, "Next asset"), close);
  const frame = picture(at);
  const view = el("div", { class: "view" }, frame, palette(asset), facts(asset));
  const scroll = el("div", { class: "scroll", tabindex: "0", "aria-label": "Canvases and fields" }, ...frames(at, frame), ...groups(at), ...absences(at));
  dialog.replaceChildren(el("div", { class: "detail" }, bar, view, scroll));
}

function facts(asset) {
  const list = el("dl", { class: "numbers facts" });
  const told = {
    asset: asset.id, size: asset.w ? `${asset.w} × ${asset.h}` : "", type: asset.type, market: asset.market, language: asset.lang,
    plate: asset.plate, repeats: asset.repeats,
    colours: (asset.palette ?? []).map(([, share, name]) => `${name} ${Math.round(share * 100)} %`).join(", "),
    recognised: (asset.actors ?? []).map(([, name]) => name).join(", "), cast: (asset.cast ?? []).join(", "), note: asset.note,
  };
  for (const [name, text] of Object.entries(told)) if (text !== undefined && text !== "") list.append(...pair(name, String(text)));
  return list;
}

// Measured fields in the contract's order; then tags, each group by score.
function groups(at) {
  const there = data.fields.filter((field) => known(field.name, at));
  const measured = there.filter((field) => field.kind !== "zero-shot");
  const order = [...measured, ...strongest(at, tags.length)];
  const made = new Map(order.map((field) => [field.group, []]));
  for (const field of order) made.get(field.group).push(field);
  return [...made].flatMap(([group, fields]) => {
    const about = fields[0].kind === "zero-shot" ? [el("small", {}, `tags; ${fields[0].calibrated ? "" : "scores are not calibrated. "}${fields[0].meaning.split(". ").slice(1).join(". ")}`)] : [];
    return [el("h3", {}, group), ...about, el("table", {}, el("tbody", {}, ...fields.map((field) => line(field, at))))];
  });
}

function line(field, at) {
  const higher = field.higher ? ` (higher: ${field.higher})` : "";
  const about = field.kind === "zero-shot" ? [] : [el("small", {}, field.meaning + higher)];
  const name = el("th", { scope: "row", title: field.meaning + higher }, words(field.name), ...about);
  const bare = field.labels.length || field.dtype === "int32";
  const meter = bare ? "" : el("meter", { min: field.low, max: field.high, value: value(field.name, at), "aria-hidden": "true" });
  return el("tr", {}, name, el("td", {}, said(field.name, at)), el("td", {}, meter));
}

function absences(at) {
  const by = new Map();
  for (const { name } of data.fields) if (!known(name, at)) by.set(said(name, at), [...(by.get(said(name, at)) ?? []), name]);
  return [...by].flatMap(([state, names]) => [el("h3", {}, `${names.length} ${state}`), el("p", { class: "absent" }, names.join(", "))]);
}

function startDetail() {
  document.getElementById("suites").addEventListener("click", (event) => {
    const button = event.target.closest(".asset");
    if (button) openDetail(Number(button.dataset.at));
  });
  dialog.addEventListener("keydown", (event) => {
    const step = { ArrowRight: 1, ArrowLeft: -1 }[event.key];
    if (step) openDetail(beside(Number(dialog.dataset.at), step));
  });
  dialog.addEventListener("click", (event) => event.target === dialog && dialog.close());
  dialog.addEventListener("close", () => move(Number(dialog.dataset.at)));
}

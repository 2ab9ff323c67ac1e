// The numbers of the asset under the pointer or the keyboard's focus, beside it.

const tip = document.getElementById("tip");
const SPOKEN = { "L*": "L*", "share of height": "of the height" }; // units that a person says; the full list has all

function tell(at) {
  const asset = data.assets[at];
  const numbers = el("dl", { class: "numbers" });
  for (const [name, label] of data.main) numbers.append(...pair(label, brief(name, at), !known(name, at)));
  for (const tag of strongest(at, 3)) numbers.append(...pair(`tag: ${words(tag.name)}`, short(value(tag.name, at))));
  for (const name of ["suite.novelty", "suite.redundancy"]) if (known(name, at)) numbers.append(...pair(words(name), brief(name, at)));
  if (asset.framed) numbers.append(...pair("serves", `${served(at).length} of ${counted(data.canvases.length, "canvas", "es")}`));
  if (asset.repeats) numbers.append(...pair("repeats", asset.repeats));
  const parts = [el("b", { dir: "auto" }, asset.file), numbers];
  if (asset.note) parts.push(el("p", { class: "absent" }, asset.note));
  tip.replaceChildren(...parts);
}

const brief = (name, at) => said(name, at, SPOKEN[fields.get(name).unit] ?? "");

function pair(name, text, absent = false) {
  return [el("dt", {}, name), el("dd", absent ? { class: "absent" } : {}, text)];
}

function showTip(button) {
  tell(Number(button.dataset.at));
  tip.hidden = false;
  button.setAttribute("aria-describedby", "tip");
  const box = button.getBoundingClientRect();
  const right = box.right + 10 + tip.offsetWidth < innerWidth;
  const left = right ? box.right + 10 : Math.max(8, box.left - 10 - tip.offsetWidth);
  tip.style.left = `${left}px`;
  tip.style.top = `${Math.max(8, Math.min(box.top, innerHeight - tip.offsetHeight - 8))}px`;
}

function hideTip() {
  tip.hidden = true;
  document.querySelector("[aria-describedby=tip]")?.removeAttribute("aria-describedby");
}

function startTip() {
  const place = document.getElementById("suites");
  const of = (event) => event.target.closest?.(".asset");
  place.addEventListener("pointerover", (event) => of(event) && event.pointerType !== "touch" && showTip(of(event)));
  place.addEventListener("pointerout", (event) => of(event) && hideTip());
  place.addEventListener("focusin", (event) => of(event)?.matches(":focus-visible") && showTip(of(event)));
  place.addEventListener("focusout", hideTip);
  // Focus scrolls the page: its tip goes along, one of the pointer has lost its picture.
  addEventListener("scroll", () => {
    const button = document.querySelector("[aria-describedby=tip]");
    if (button) (button === document.activeElement ? showTip : hideTip)(button);
  }, { passive: true });
}

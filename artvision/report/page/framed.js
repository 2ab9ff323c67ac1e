// One picture in the canvases: a table of them, and over the picture the crop and the title slot of the one chosen.

let framing = null; // the id of a canvas; kept from picture to picture, to compare them in it

// Places of a box inside another, in per cent.
function inset([x0, y0, x1, y1], [left, top, right, bottom]) {
  const across = 100 / (right - left), down = 100 / (bottom - top);
  return `left:${(x0 - left) * across}%;top:${(y0 - top) * down}%;width:${(x1 - x0) * across}%;height:${(y1 - y0) * down}%`;
}

function cropped(fit) {
  const crop = el("span", { class: "crop", "aria-hidden": "true" });
  crop.style.cssText = inset(fit.crop, [0, 0, 1, 1]);
  if (fit.slot) {
    const title = el("span", { class: "title" }, el("span", {}, "TITLE"));
    title.style.cssText = `${inset(fit.slot, fit.crop)};color:${fit.ink}`;
    crop.append(title);
  }
  return crop;
}

function frames(at, frame) {
  const fits = data.assets[at].framed ?? [];
  if (!fits.length) return [];
  const rows = fits.map((fit) => frameRow(fit));
  const choose = (id) => {
    framing = id;
    frame.querySelector(".crop")?.remove();
    for (const [index, fit] of fits.entries()) {
      const chosen = fit.of.some((place) => data.canvases[place] === id);
      rows[index].querySelector("button").setAttribute("aria-pressed", chosen);
      if (chosen && frame.querySelector(".overlay")) frame.append(cropped(fit));
    }
  };
  for (const [index, fit] of fits.entries()) {
    const button = rows[index].querySelector("button");
    button.addEventListener("click", () => {
      choose(button.getAttribute("aria-pressed") === "true" ? null : data.canvases[fit.of[0]]);
      dialog.scrollTop = frame.parentElement.scrollTop = 0; // the picture is at the top of what scrolls: the view, or all on a phone
    });
  }
  choose(framing);
  const head = el("tr", {}, ...["canvas", "faces", "title"].map((text) => el("th", { scope: "col" }, text)));
  const count = `Serves ${served(at).length} of ${counted(data.canvases.length, "canvas", "es")}`;
  const caption = el("caption", {}, count, el("small", {}, data.serves));
  return [el("table", { class: "framed" }, caption, el("thead", {}, head), el("tbody", {}, ...rows))];
}

function frameRow(fit) {
  const names = fit.of.map((place) => data.canvases[place]).join(", ");
  const button = el("button", { type: "button", "aria-pressed": "false" }, names);
  const name = el("th", { scope: "row" }, button, el("small", {}, fit.lacks ?? "serves"));
  const text = fit.text ? [el("small", {}, `text: ${fit.text}`)] : []; // known where the stage `text` ran
  return el("tr", {}, name, el("td", {}, fit.faces, ...text), el("td", {}, fit.room ?? "no room"));
}

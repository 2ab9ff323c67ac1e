// One picture with what was found drawn over it, in relative coordinates: nothing is in its pixels.

function picture(at) {
  const asset = data.assets[at];
  const frame = el("span", { class: "frame" });
  frame.style.setProperty("--ratio", ratio(asset));
  if (thumbs[at]) {
    const image = el("img", { alt: "", decoding: "async", draggable: "false" });
    image.src = `data:image/webp;base64,${thumbs[at]}`;
    frame.append(image, ...(asset.note ? [] : [overlay(asset, at)])); // a file that has changed has its parts elsewhere
  } else {
    const [reason] = asset.note.split(":"); // a poster's frame holds no more; the pointer and the detail tell the rest
    frame.append(el("span", { class: "gone" }, `no picture: ${reason.replaceAll("_", " ")}`));
  }
  return frame;
}

const ratio = (asset) => (asset.w && asset.h ? Math.min(6, Math.max(0.2, asset.w / asset.h)) : 1).toFixed(4);

function overlay(asset, at) {
  const svg = el("svg", { class: "overlay", viewBox: "0 0 100 100", preserveAspectRatio: "none", "aria-hidden": "true" });
  const lines = "M33.333 0V100M66.667 0V100M0 33.333H100M0 66.667H100";
  svg.append(el("g", { class: "thirds" }, el("path", { class: "third-halo", d: lines }), el("path", { class: "third", d: lines })));
  svg.append(...area("composition.empty_", "empty", "room", at), ...area("layout.slot_", "slot", "title", at));
  const faces = el("g", { class: "faces" });
  (asset.faces ?? []).forEach(([x0, y0, x1, y1], index) => {
    const box = { x: x0 * 100, y: y0 * 100, width: (x1 - x0) * 100, height: (y1 - y0) * 100 };
    faces.append(el("rect", { class: "halo", ...box }), el("rect", { class: index ? "face" : "lead", ...box }));
  });
  svg.append(faces);
  return svg;
}

// The box in the fields that begin so; nothing where there is none.
function area(fields, group, name, at) {
  const box = ["x", "y", "w", "h"].map((side) => value(fields + side, at));
  if (!box.every((side) => typeof side === "number") || box[2] * box[3] <= 0) return [];
  const [x, y, width, height] = box.map((side) => side * 100);
  return [el("g", { class: group }, el("rect", { class: name, x, y, width, height }))];
}

function palette(asset) {
  const strip = el("span", { class: "palette", "aria-hidden": "true" });
  for (const [color, share, name] of asset.palette ?? []) {
    const part = el("span", { title: `${name} ${Math.round(share * 100)} %` });
    part.style.flexGrow = share;
    part.style.background = color;
    strip.append(part);
  }
  return strip;
}

// Axes and marks of the interactive figures, in SVG of the width that there is.
import { count, svg } from "./shared.js";

const italics = text =>
  text.split("*").map((part, k) => svg("tspan", k % 2 ? { "font-style": "italic" } : {}, part));

/** Text in SVG; *symbols* are in italics. */
export const text = (x, y, content, attributes = {}) => svg("text", { x, y, ...attributes }, italics(content));

const scales = {
  log: ([low, high], [from, to]) => value =>
    from + ((to - from) * Math.log(Math.max(value, 1e-300) / low)) / Math.log(high / low),
  linear: ([low, high], [from, to]) => value => from + ((to - from) * (value - low)) / (high - low),
};

function ticks(kind, [low, high], room) {
  const found = [];
  if (kind === "log") {
    const first = Math.ceil(Math.log10(low) - 1e-9), last = Math.floor(Math.log10(high) + 1e-9);
    const every = Math.max(1, Math.ceil((last - first + 1) / room));
    for (let k = first; k <= last; k += every) found.push(10 ** k);
    const inside = v => v >= low * 0.999 && v <= high * 1.001, finer = [...found];
    for (let k = first - 1; k <= last; k++) finer.push(2 * 10 ** k, 5 * 10 ** k);
    const chosen = finer.filter(inside).length <= room ? finer : found;
    return chosen.filter(inside).sort((a, b) => a - b);
  }
  const raw = (high - low) / room, unit = 10 ** Math.floor(Math.log10(raw));
  const step = unit * [1, 2, 5, 10].find(k => k * unit >= raw);
  for (let k = Math.ceil(low / step - 1e-9); k * step <= high + 1e-9 * step; k++) found.push(k * step + 0);
  return found;
}

/** 0.01 as "1 %", 1e-5 as "0.001 %". */
export const share = value => `${Number((100 * value).toPrecision(2)).toLocaleString("en", { maximumFractionDigits: 10 })} %`;

let patterns = 0;

/** A drawing with axes, in an element of its own. */
export class Plot {
  /** options: height, left, right, top, bottom: margins in pixels; label: what it shows, in words */
  constructor({ height, label, left = 52, right = 16, top = 12, bottom = 40 }) {
    Object.assign(this, { height, left, right, top, bottom });
    this.svg = svg("svg", { class: "explore-plot", height, role: "img", "aria-label": label });
    this.hatch = `explore-hatch-${document.querySelectorAll(".explore pattern").length}-${patterns++}`;
  }

  /** Begin anew: x and y are {scale, domain, label, format}; without an axis where label is undefined. */
  begin(width, x, y) {
    this.width = width;
    this.box = { x0: this.left, x1: width - this.right, y0: this.height - this.bottom, y1: this.top };
    const { x0, x1, y0, y1 } = this.box;
    this.x = scales[x.scale](x.domain, [x0, x1]);
    this.y = scales[y.scale](y.domain, [y0, y1]);
    this.domain = { x: x.domain, y: y.domain };
    this.kind = { x: x.scale, y: y.scale };
    this.svg.setAttribute("width", width);
    this.svg.setAttribute("viewBox", `0 0 ${width} ${this.height}`);
    const stripes = svg("pattern", { id: this.hatch, width: 5, height: 5, patternUnits: "userSpaceOnUse", patternTransform: "rotate(45)" },
      svg("rect", { width: 5, height: 5, class: "explore-hatch-ground" }), svg("rect", { width: 2, height: 5, class: "explore-hatch-line" }));
    this.svg.replaceChildren(svg("defs", {}, stripes));
    if (x.label !== undefined) {
      const room = Math.max(2, (x1 - x0) / 52);
      for (const v of ticks(x.scale, x.domain, room)) {
        const at = this.x(v);
        this.add(svg("line", { x1: at, x2: at, y1: y0, y2: y0 + 4, class: "explore-axis" }),
          text(at, y0 + 17, (x.format ?? count)(v), { class: "explore-tick", "text-anchor": "middle" }));
      }
      this.add(svg("line", { x1: x0, x2: x1, y1: y0, y2: y0, class: "explore-axis" }),
        text((x0 + x1) / 2, y0 + 34, x.label, { class: "explore-label", "text-anchor": "middle" }));
    }
    if (y.label !== undefined) {
      const room = Math.max(2, (y0 - y1) / 27);
      for (const v of ticks(y.scale, y.domain, room)) {
        const at = this.y(v);
        this.add(svg("line", { x1: x0, x2: x1, y1: at, y2: at, class: "explore-grid" }),
          text(x0 - 6, at + 4, (y.format ?? share)(v), { class: "explore-tick", "text-anchor": "end" }));
      }
      this.add(text(2, y1 - 12, y.label, { class: "explore-label" }));
    }
    return this;
  }

  add(...elements) { this.svg.append(...elements); return this; }

  rect(x0, x1, y0, y1, attributes) {
    const [left, right] = [Math.min(x0, x1), Math.max(x0, x1)], [up, down] = [Math.min(y0, y1), Math.max(y0, y1)];
    if (right - left > 0 && down - up > 0) this.add(svg("rect", { x: left, y: up, width: right - left, height: down - up, ...attributes }));
    return this;
  }

  /** A line through points [x, y] in the units of the axes; it ends at the edges of the box. */
  line(points, attributes) {
    const { y0, y1 } = this.box, inside = [];
    let path = "", pen = false;
    for (const [a, b] of points) {
      if (!(b > 0) && this.kind.y === "log") { pen = false; continue; }
      const [px, py] = [this.x(a), this.y(b)], shown = Math.min(Math.max(py, y1 - 400), y0 + 400);
      path += `${pen ? "L" : "M"}${px.toFixed(1)} ${shown.toFixed(1)}`;
      pen = true;
      if (py >= y1 - 1 && py <= y0 + 1) inside.push([px, py]);
    }
    const clip = `${this.hatch}-clip`;
    if (!this.svg.querySelector(`#${clip}`)) {
      const { x0, x1 } = this.box;
      this.svg.firstChild.append(svg("clipPath", { id: clip }, svg("rect", { x: x0, y: y1 - 2, width: x1 - x0 + 2, height: y0 - y1 + 4 })));
    }
    if (path) this.add(svg("path", { d: path, fill: "none", "clip-path": `url(#${clip})`, ...attributes }));
    return inside;
  }

  /** A mark that shows where one is. */
  here(x, y, attributes = {}) {
    const { x0, x1, y0, y1 } = this.box, at = this.x(x), up = Math.min(Math.max(this.y(y), y1), y0);
    if (at < x0 - 1 || at > x1 + 1) return this;
    return this.add(svg("circle", { cx: at, cy: up, r: 5.5, class: "explore-here", ...attributes }));
  }

  /** Let pointers choose a place: change(x, y) in the units of the axes. */
  drag(change) {
    const inverse = (axis, low, high, value) => {
      const part = Math.min(1, Math.max(0, (value - low) / (high - low))), [a, b] = this.domain[axis];
      return this.kind[axis] === "log" ? a * (b / a) ** part : a + (b - a) * part;
    };
    const move = event => {
      const seen = this.svg.getBoundingClientRect(), { x0, x1, y0, y1 } = this.box;
      change(inverse("x", x0, x1, event.clientX - seen.left), inverse("y", y0, y1, event.clientY - seen.top));
    };
    this.svg.classList.add("explore-drag");
    this.svg.addEventListener("pointerdown", event => {
      this.svg.setPointerCapture(event.pointerId);
      move(event);
      event.preventDefault();
    });
    this.svg.addEventListener("pointermove", event => {
      if (this.svg.hasPointerCapture(event.pointerId)) move(event);
    });
    return this;
  }
}

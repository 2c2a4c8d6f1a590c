// The plane: arrows, and the cones in which each output has the largest score.
import { svg } from "./shared.js";

export const COLOURS = ["one", "two", "three", "four", "five", "six", "seven", "eight"];

/** Regions of the plane by the output with the largest product: [output, from, to] in angles. */
export function cones(outputs, steps = 720) {
  const best = k => {
    const angle = (2 * Math.PI * k) / steps, x = Math.cos(angle), y = Math.sin(angle);
    return outputs.reduce((top, u, z) => (u[0] * x + u[1] * y > outputs[top][0] * x + outputs[top][1] * y + 1e-12 ? z : top), 0);
  };
  const found = [];
  for (let k = 0; k < steps; k++) {
    const z = best(k + 0.5), last = found.at(-1);
    if (last && last[0] === z) last[2] = (2 * Math.PI * (k + 1)) / steps;
    else found.push([z, (2 * Math.PI * k) / steps, (2 * Math.PI * (k + 1)) / steps]);
  }
  return found;
}

/** A square drawing of the plane, its origin in the middle. */
export class Plane {
  constructor(label, role = "group") {
    this.under = svg("g");
    this.over = svg("g");
    this.svg = svg("svg", { class: "explore-plot explore-plane", role, "aria-label": label }, this.under, this.over);
  }

  /** Begin anew; half is the largest coordinate that is shown. */
  begin(size, half) {
    Object.assign(this, { size, half, scale: size / 2 / half });
    for (const [name, value] of [["width", size], ["height", size], ["viewBox", `0 0 ${size} ${size}`]]) this.svg.setAttribute(name, value);
    this.under.replaceChildren();
    return this;
  }

  at([x, y]) { return [this.size / 2 + this.scale * x, this.size / 2 - this.scale * y]; }

  add(...elements) { this.under.append(...elements); return this; }

  /** Shade the cones of the outputs within the square. */
  shade(outputs, colour = z => COLOURS[z % COLOURS.length]) {
    const clip = `explore-plane-${document.querySelectorAll(".explore clipPath").length}`;
    this.clip ??= clip;
    this.add(svg("clipPath", { id: this.clip }, svg("rect", { width: this.size, height: this.size, rx: 6 })));
    const far = 3 * this.half, group = svg("g", { "clip-path": `url(#${this.clip})` });
    for (const [z, from, to] of cones(outputs)) {
      const points = [[0, 0]];
      const pieces = Math.ceil((to - from) / 0.5);
      for (let k = 0; k <= pieces; k++) {
        const angle = from + ((to - from) * k) / pieces;
        points.push([far * Math.cos(angle), far * Math.sin(angle)]);
      }
      group.append(svg("polygon", { points: points.map(p => this.at(p).join()).join(" "), class: `explore-${colour(z)}-pale` }));
    }
    return this.add(group);
  }

  /** An arrow from one point to another. */
  arrow(from, to, attributes = {}, parent = this.under) {
    const [ax, ay] = this.at(from), [bx, by] = this.at(to), length = Math.hypot(bx - ax, by - ay);
    if (length < 0.5) return this;
    const head = Math.min(11, length * 0.6), [ux, uy] = [(bx - ax) / length, (by - ay) / length];
    const [hx, hy] = [bx - head * ux, by - head * uy], wide = head * 0.42;
    const { class: style = "", ...rest } = attributes;
    parent.append(svg("line", { x1: ax, y1: ay, x2: hx, y2: hy, class: `explore-arrow ${style}-stroke`, ...rest }),
      svg("polygon", { points: `${bx},${by} ${hx - wide * uy},${hy + wide * ux} ${hx + wide * uy},${hy - wide * ux}`, class: `${style}-fill` }));
    return this;
  }

  /** The point of the plane under a pointer. */
  pointed(event) {
    const seen = this.svg.getBoundingClientRect();
    return [(event.clientX - seen.left - this.size / 2) / this.scale, (this.size / 2 - (event.clientY - seen.top)) / this.scale];
  }
}

// A budget to spend on dimensions and on samples: the exact law's error over both, from stored points.
// Room: 640 pixels, 800 on a phone.
import { choice, count, framed, html, including, percent, register, resized, short, slider, svg } from "./shared.js";
import { Plot, text } from "./plot.js";

const PRICES = [0.01, 0.03, 0.1, 0.3, 1, 3, 10, 30, 100];
const LEVELS = [0.5, 0.2, 0.1, 0.05, 0.02, 0.01, 0.005, 0.002, 0.001, 0.0005, 0.0002, 0.0001];

/** data: {alphas, dims, samples, law: [alpha][dim][samples], unseen: [alpha][samples], late: [alpha][dim], crossover: [alpha][dim]} */
function figure(stage, start, data) {
  const { dims, samples, alphas } = data;
  const state = { alpha: alphas[0], dim: dims[Math.floor(dims.length / 2)], samples: samples[Math.floor(samples.length / 2)], price: 1, ...start };
  const slot = () => alphas.reduce((best, a, k) => (Math.abs(a - state.alpha) < Math.abs(alphas[best] - state.alpha) ? k : best), 0);
  const place = (axis, value) => {
    let k = 0;
    while (k < axis.length - 2 && axis[k + 1] <= value) k++;
    return [k, Math.min(1, Math.max(0, Math.log(value / axis[k]) / Math.log(axis[k + 1] / axis[k])))];
  };
  const between = (axis, values, value) => {
    const [k, part] = place(axis, value);
    const log = v => Math.log(Math.max(v, 1e-12));
    return Math.exp((1 - part) * log(values[k]) + part * log(values[k + 1]));
  };
  /** The error, linear between stored points on logarithmic axes. */
  function error(dim, size, law = data.law[slot()]) {
    const [i, a] = place(dims, dim), [j, b] = place(samples, size), log = (u, v) => Math.log(Math.max(law[i + u][j + v], 1e-12));
    return Math.exp((1 - a) * ((1 - b) * log(0, 0) + b * log(0, 1)) + a * ((1 - b) * log(1, 0) + b * log(1, 1)));
  }
  const cost = (dim, size) => dim * dim + state.price * size;
  /** Places [d, T] of equal cost: evenly along both axes, as the line is steep on one side. */
  function equal(budget) {
    const places = [], along = axis => Array.from({ length: 161 }, (_, k) => axis[0] * (axis.at(-1) / axis[0]) ** (k / 160));
    for (const dim of along(dims)) places.push([dim, (budget - dim * dim) / state.price]);
    for (const size of along(samples)) places.push([Math.sqrt(Math.max(0, budget - state.price * size)), size]);
    const inside = ([dim, size]) => dim >= dims[0] * 0.999 && dim <= dims.at(-1) * 1.001 && size >= samples[0] * 0.999 && size <= samples.at(-1) * 1.001;
    return places.filter(inside).sort((a, b) => a[0] - b[0]);
  }
  function best(budget) {
    let found = null;
    const law = data.law[slot()];
    for (const [dim, size] of equal(budget)) {
      const tried = { dim, size, error: error(dim, size, law) };
      if (!found || tried.error < found.error) found = tried;
    }
    return found;
  }

  const says = html("p", { class: "explore-says", "aria-live": "polite" });
  const map = new Plot({ height: 400, top: 30, right: 92, label: "Error over dimension and number of samples, with lines of equal error" });
  const change = () => draw();
  const grid = axis => Array.from({ length: 61 }, (_, k) => axis[0] * (axis.at(-1) / axis[0]) ** (k / 60)).map(v => Math.round(v));
  const controls = {
    dim: slider({ label: "dimension *d*", values: including(grid(dims), state.dim), value: state.dim, format: count, change: v => { state.dim = v; change(); } }),
    samples: slider({ label: "samples *T*", values: including(grid(samples), state.samples), value: state.samples, format: count, change: v => { state.samples = v; change(); } }),
    price: slider({ label: "parameters for the price of a sample", values: PRICES, value: state.price, change: v => { state.price = v; change(); } }),
  };
  const alpha = choice("Zipf exponent *α*", alphas.map(a => [a, short(a)]), alphas[slot()], v => { state.alpha = v; shaded = null; change(); });
  const frame = html("div", { class: "explore-column" }, map.svg);
  stage.append(says, frame, html("div", { class: "explore-controls" }, Object.values(controls).map(c => c.element)), html("div", { class: "explore-row" }, alpha.element));

  /** Lines of equal error, by marching along the edges of a fine grid; made once for each exponent and width. */
  let shaded = null;
  function contours() {
    const law = data.law[slot()], n = 48, at = (axis, k) => axis[0] * (axis.at(-1) / axis[0]) ** (k / n);
    const value = Array.from({ length: n + 1 }, (_, i) => Array.from({ length: n + 1 }, (_, j) => Math.log(error(at(dims, i), at(samples, j), law))));
    const lines = [];
    for (const level of LEVELS) {
      const wanted = Math.log(level), pieces = [];
      for (let i = 0; i < n; i++) {
        for (let j = 0; j < n; j++) {
          const corners = [[i, j], [i + 1, j], [i + 1, j + 1], [i, j + 1]], cuts = [];
          corners.forEach(([a, b], k) => {
            const [c, d] = corners[(k + 1) % 4], from = value[a][b], to = value[c][d];
            if (from > wanted !== to > wanted) {
              const part = (wanted - from) / (to - from);
              cuts.push([at(dims, a + part * (c - a)), at(samples, b + part * (d - b))]);
            }
          });
          if (cuts.length >= 2) pieces.push([cuts[0], cuts[1]]);
        }
      }
      if (pieces.length) lines.push({ level, pieces });
    }
    return { value, lines, n };
  }

  /** Shades and lines of equal error: they stay while a point is dragged. */
  function background() {
    const { value, lines, n } = shaded, low = Math.min(...value.flat()), high = Math.max(...value.flat());
    const { x0, x1, y0, y1 } = map.box, w = (x1 - x0) / n, h = (y0 - y1) / n;
    const group = svg("g");
    for (let i = 0; i < n; i += 2) {
      for (let j = 0; j < n; j += 2) {
        const mean = (value[i][j] + value[i + 2][j + 2]) / 2, part = Math.round((12 * (mean - low)) / (high - low)) / 12;
        group.append(svg("rect", { x: (x0 + i * w).toFixed(1), y: (y0 - (j + 2) * h).toFixed(1), width: (2 * w).toFixed(1), height: (2 * h).toFixed(1), class: "explore-two-fill", "shape-rendering": "crispEdges", opacity: (0.04 + 0.5 * part).toFixed(3) }));
      }
    }
    for (const { level, pieces } of lines) {
      const d = pieces.map(([[a, b], [c, e]]) => `M${map.x(a).toFixed(1)} ${map.y(b).toFixed(1)}L${map.x(c).toFixed(1)} ${map.y(e).toFixed(1)}`).join("");
      group.append(svg("path", { d, class: "explore-iso" }));
      const right = pieces.flat().reduce((a, b) => (b[0] > a[0] || (b[0] === a[0] && b[1] > a[1]) ? b : a));
      if (map.x(right[0]) > x1 - 3) group.append(text(x1 + 6, map.y(right[1]) + 4, `${Number((100 * level).toPrecision(1))} %`, { class: "explore-tick" }));
    }
    return group;
  }

  function drawMap(width) {
    map.begin(width, { scale: "log", domain: [dims[0], dims.at(-1)], label: "dimension *d*" }, { scale: "log", domain: [samples[0], samples.at(-1)], label: "samples *T*", format: count });
    shaded ??= contours();
    const { y1 } = map.box;
    if (shaded.width !== width) Object.assign(shaded, { width, drawn: background() });
    map.add(shaded.drawn);
    const crossing = dims.map((d, k) => [d, data.crossover[slot()][k]]);
    const ends = map.line(crossing, { class: "explore-line explore-crossing" });
    if (ends.length) {
      const [px, py] = ends[Math.floor(ends.length * 0.4)];
      map.add(text(px + 8, py + 16, `${width > 480 ? "both equally scarce: " : ""}*T*∗(*d*)`, { class: "explore-three-text explore-halo" }));
    }
    const budget = cost(state.dim, state.samples), line = equal(budget);
    const same = map.line(line, { class: "explore-line explore-budget" });
    if (same.length) map.add(text(same[0][0] + 8, same[0][1] < y1 + 20 ? same[0][1] + 17 : same[0][1] - 7, "same budget", { class: "explore-one-text explore-halo" }));
    const least = best(budget);
    if (least) map.add(svg("circle", { cx: map.x(least.dim), cy: map.y(least.size), r: 7, class: "explore-ring" }));
    map.here(state.dim, state.samples);
  }

  function sentence() {
    const now = error(state.dim, state.samples), k = slot(), least = best(cost(state.dim, state.samples));
    const unseen = between(samples, data.unseen[k], state.samples), late = between(dims, data.late[k], state.dim);
    const scarce = unseen > 2 * late ? "data are scarce" : late > 2 * unseen ? "memory is scarce" : "both are about as scarce";
    const parts = [`d = ${count(state.dim)}, T = ${count(state.samples)}: `, html("strong", {}, `${percent(now)} of the questions fail`),
      `. Never seen: ${percent(unseen)}; too rare to be stored: ${percent(late)}: ${scarce}.`];
    if (least) parts.push(now < 1.02 * least.error ? " No other split of the budget does better." : ` The same budget spent on d = ${count(least.dim)}, T = ${count(Number(least.size.toPrecision(2)))} (circle) would leave ${percent(least.error)}.`);
    says.replaceChildren(...parts);
  }

  const draw = framed(() => {
    sentence();
    if (frame.clientWidth) drawMap(frame.clientWidth);
  });
  map.drag((dim, size) => {
    controls.dim.set(dim);
    controls.samples.set(size);
    state.dim = controls.dim.value;
    state.samples = controls.samples.value;
    draw();
  });
  map.svg.style.touchAction = "none";
  resized(stage, draw);
  return { state, error, best, cost, draw };
}

register("budget", figure);

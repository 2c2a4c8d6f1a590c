// How much to store: the error against the number P of stored tokens, by the exact law.
// Room: 760 pixels, 1290 on a phone; reduced: 500 pixels, 560 on a phone.
import { choice, count, framed, html, including, integers, percent, register, resized, short, slider, slowly, svg } from "./shared.js";
import { Plot, text } from "./plot.js";
import { Law, Task } from "./law.js";

const VOCABULARY = [10, 20, 50, 100, 200, 500, 1000, 2000, 5000, 10_000, 100_000, 1_000_000, Infinity];
const DIMS = [5, 7, 10, 15, 20, 30, 40, 50, 64, 80, 100, 128, 150, 200, 256, 300, 400, 512, 700, 1000, 1500, 2000, 3000, 5000, 7000, 10_000];
const OUTPUTS = [2, 3, 4, 5, 6, 8, 10, 15, 20];
const ALPHAS = Array.from({ length: 36 }, (_, k) => Number((0.5 + 0.1 * k).toFixed(1)));
const RHOS = Array.from({ length: 21 }, (_, k) => Number((0.05 * k).toFixed(2)));
const END = 100_000; // where the axis of an endless vocabulary ends
const SEED = 8;

/** Numbers of tokens to store: all small ones, then whole rounds of the outputs. */
function sizes(task, chosen) {
  const last = Math.min(task.tokens, END), { outputs } = task, found = new Set();
  for (let p = 1; p <= Math.min(30, last); p++) found.add(p);
  for (const p of integers(1, last, 90)) if (p > 30) found.add(Math.min(last, Math.round(p / outputs) * outputs));
  for (const p of [50, 100, 200, 500, 1000, 2000, 5000, 10_000, task.tokens, chosen]) if (p <= last) found.add(p);
  return [...found].sort((a, b) => a - b);
}

function figure(stage, start, data) {
  const reduced = Boolean(start.reduced);
  const state = { dim: 100, tokens: 1000, outputs: 5, alpha: 2, rho: 0, stored: 25, ...start };
  if (state.tokens === null || state.tokens === "inf") state.tokens = Infinity;
  state.outputs = Math.min(state.outputs, OUTPUTS.at(-1)); // a draw costs M³
  let task, law, curve = [], best = [], stopCurve = () => {}, stopBest = () => {}, bestKey = "", curveKey = "";
  const total = (dim, stored, draws) => law.errors(task, dim, stored, state.rho, { draws });

  // --- controls
  const set = name => value => { state[name] = value; change(); };
  const sliders = {
    stored: slider({ label: "facts stored, *P*", values: [1], value: 1, format: v => (v === state.tokens ? `all ${count(v)}` : count(v)), change: set("stored") }),
    dim: slider({ label: "dimension *d*", values: including(DIMS, state.dim), value: state.dim, format: count, change: set("dim") }),
    tokens: slider({ label: "facts there are, *N*", values: including(VOCABULARY, state.tokens), value: state.tokens, format: count, change: set("tokens") }),
    alpha: slider({ label: "Zipf exponent *α*", values: including(ALPHAS, state.alpha), value: state.alpha, change: set("alpha") }),
    outputs: slider({ label: "outputs *M*", values: including(OUTPUTS, state.outputs), value: state.outputs, change: set("outputs") }),
    rho: slider({ label: "power *ρ* of the weights", values: including(RHOS, state.rho), value: state.rho, format: v => (v === 0 ? "0 (all equal)" : short(v)), change: set("rho") }),
  };
  const says = html("p", { class: `explore-says${reduced ? " explore-two-lines" : ""}`, "aria-live": "polite" });
  const drawings = html("div", { class: "explore-columns" });
  const strip = new Plot({ height: reduced ? 150 : 160, top: 26, bottom: 8, label: "All facts, the most frequent first; the area of a bar is how often its facts are asked for, and the hatched part of it is lost" });
  const against = new Plot({ height: reduced ? 180 : 230, top: 30, label: "Error against the number of stored facts" });
  const growth = new Plot({ height: 390, top: 30, right: 66, label: "Error against the dimension" });
  const left = html("div", { class: "explore-column" }, strip.svg, against.svg);
  const right = html("div", { class: "explore-column" }, growth.svg);
  const panel = html("div", { class: "explore-controls" }, Object.entries(sliders).filter(([name]) => !reduced || name === "stored").map(([, s]) => s.element));
  drawings.append(left, ...(reduced ? [] : [right]));
  if (reduced) drawings.classList.add("explore-single");
  stage.append(says, html("div", { class: "explore-controls explore-first" }, sliders.stored.element), drawings, ...(reduced ? [] : [panel]));

  // --- what is computed
  function prepare() {
    state.alpha = state.tokens === Infinity ? Math.max(state.alpha, 1.1) : state.alpha;
    sliders.alpha.set(state.alpha);
    if (!task || task.alpha !== state.alpha || task.tokens !== state.tokens || task.outputs !== state.outputs) {
      task = new Task(state.alpha, state.tokens, state.outputs);
    }
    if (!law || law.M !== state.outputs) law = new Law(state.outputs, state.outputs > 10 ? 512 : 1024, SEED);
    sliders.stored.values = sizes(task, state.stored);
    sliders.stored.input.max = sliders.stored.values.length - 1;
    state.stored = Math.min(state.stored, task.tokens, END);
    sliders.stored.set(state.stored);
  }

  function* alongSizes(wanted) {
    const found = [];
    const rounds = sliders.stored.values.filter(p => p < state.outputs || p % state.outputs === 0 || p === task.tokens);
    const every = Math.max(1, Math.floor(rounds.length / 60));
    for (const [k, p] of rounds.entries()) {
      if (p > 12 && k % every && k !== rounds.length - 1) continue;
      found.push({ p, ...total(state.dim, p, 512) });
      yield;
    }
    const least = found.reduce((a, b) => (a.total < b.total ? a : b));
    Object.assign(least, total(state.dim, least.p));
    curve = found;
    curveKey = wanted;
    draw();
  }

  function* alongDims(wanted) {
    const found = [];
    for (const dim of DIMS.filter((_, k) => k % 2 === 0)) {
      let least = { total: 2 };
      const top = Math.min(task.tokens, Math.max(state.outputs, 4 * dim), END);
      for (const rounds of integers(1, Math.max(1, top / state.outputs), 22)) {
        const p = Math.min(task.tokens, rounds * state.outputs), tried = total(dim, p, 512).total;
        if (tried < least.total) least = { dim, p, total: tried };
        yield;
      }
      found.push(least);
    }
    best = found;
    bestKey = wanted;
    draw();
  }

  function change() {
    prepare();
    draw();
    const { dim, tokens, outputs, alpha, rho } = state, forBest = [tokens, outputs, alpha, rho].join(), forCurve = `${forBest},${dim}`;
    if (curveKey !== forCurve) {
      stopCurve();
      stopCurve = slowly(alongSizes(forCurve));
    }
    if (!reduced && bestKey !== forBest) {
      stopBest();
      stopBest = slowly(alongDims(forBest), 6);
    }
  }

  // --- what is seen
  function minimum() { return curve.reduce((least, c) => (c.total < least.total ? c : least), { total: 2, p: 0 }); }

  function drawStrip(width, found, axis) {
    const top = Math.max(...found.blocks.map(b => b.mass / Math.log((b.high + 0.5) / (b.low - 0.5))));
    strip.begin(width, axis, { scale: "linear", domain: [0, top] });
    for (const { low, high, mass, wrong, missed } of found.blocks) {
      const [a, b] = [strip.x(low - 0.5), strip.x(high + 0.5)], height = mass / Math.log((high + 0.5) / (low - 0.5));
      const gap = b - a > 4 ? 0.7 : 0, lost = mass > 0 ? (wrong + missed) / mass : 0, middle = strip.y(height * (1 - lost));
      strip.rect(a + gap, b - gap, strip.y(0), middle, { class: high <= state.stored ? "explore-kept" : "explore-guessed" });
      strip.rect(a + gap, b - gap, middle, strip.y(height), { fill: `url(#${strip.hatch})` });
    }
    const { x0, x1, y0 } = strip.box, at = strip.x(state.stored + 0.5);
    strip.add(text(2, 14, "how often each fact is asked for", { class: "explore-label" }));
    strip.line([[axis.domain[0], 0], [axis.domain[1], 0]], { class: "explore-axis" });
    if (at < x1 - 4) strip.rect(at - 0.75, at + 0.75, 20, y0 + 8, { class: "explore-cut" });
    const side = at < (x0 + x1) / 2 ? { x: at + 6, anchor: "start" } : { x: at - 6, anchor: "end" };
    if (at < x1 - 4) strip.add(text(side.x, 32, side.anchor === "start" ? "not stored →" : "← stored", { class: "explore-tick", "text-anchor": side.anchor }));
  }

  function drawCurve(width, found, axis) {
    const least = minimum(), lowest = Math.min(found.total, least.total);
    const floor = 10 ** Math.floor(Math.log10(Math.max(lowest / 6, 1e-7)));
    against.begin(width, { ...axis, label: "facts stored, *P*" }, { scale: "log", domain: [floor, 1], label: "share of questions that fail" });
    const { y0, y1 } = against.box, at = against.x(state.stored);
    against.rect(at - 0.75, at + 0.75, y1, y0, { class: "explore-cut" });
    if (curve.length) {
      const late = against.line(curve.map(c => [c.p, c.late]), { class: "explore-line explore-late" });
      const crowded = against.line(curve.map(c => [c.p, c.crowded]), { class: "explore-line explore-crowded" });
      against.line(curve.map(c => [c.p, c.total]), { class: "explore-line explore-law" });
      const name = (points, y, label, style, side) => {
        const near = points.reduce((a, b) => (Math.abs(b[1] - y) < Math.abs(a[1] - y) ? b : a), points[0]);
        if (near) against.add(text(near[0] + 10 * side, near[1] + 4, label, { class: `${style} explore-halo`, "text-anchor": side > 0 ? "start" : "end" }));
      };
      name(late.filter(p => p[0] < against.x(least.p) - 20), y1 + 30, "not stored", "explore-one-text", 1);
      const room = against.box.x1 - 90;
      name(crowded.filter(p => p[0] < room), y0 - 40, "crowded out", "explore-two-text", 1);
      if (least.p !== state.stored) {
        against.add(svg("circle", { cx: against.x(least.p), cy: against.y(least.total), r: 4, class: "explore-ring" }),
          text(against.x(least.p), against.y(least.total) + 20, `least: ${count(least.p)}`, { class: "explore-tick explore-halo", "text-anchor": "middle" }));
      }
    }
    against.here(state.stored, found.total);
  }

  function drawGrowth(width, found) {
    const points = DIMS.filter((_, k) => k % 2 === 0).map(dim => [dim, total(dim, state.stored, 256).total]);
    const low = Math.min(...points.map(p => p[1]), ...best.map(b => b.total));
    growth.height = width < 360 ? 280 : 390;
    growth.svg.setAttribute("height", growth.height);
    growth.begin(width, { scale: "log", domain: [5, 10_000], label: "dimension *d*" },
      { scale: "log", domain: [10 ** Math.floor(Math.log10(Math.max(low / 1.2, 1e-7))), 1], label: "share of questions that fail" });
    const ends = [];
    const seen = growth.line(best.map(b => [b.dim, b.total]), { class: "explore-line explore-best" });
    if (seen.length) ends.push([seen.at(-1), "best *P*", "explore-muted"]);
    const fixed = growth.line(points, { class: "explore-line explore-law" });
    if (fixed.length) ends.push([fixed.at(-1), `*P* = ${count(state.stored)}`, "explore-strong"]);
    if (ends.length > 1 && Math.abs(ends[0][0][1] - ends[1][0][1]) < 15) ends[0][0][1] = ends[1][0][1] + 15;
    for (const [[px, py], name, style] of ends) growth.add(text(px + 6, py + 4, name, { class: `explore-end ${style}` }));
    growth.here(state.dim, found.total);
  }

  function sentence(found) {
    const { dim, stored, tokens } = state, least = minimum();
    const all = stored === tokens ? `all ${count(tokens)} facts` : `the ${count(stored)} most frequent of ${tokens === Infinity ? "endlessly many" : count(tokens)} facts`;
    const parts = [`A ${count(dim)} × ${count(dim)} matrix that stores ${all}: `, html("strong", {}, `${percent(found.total)} of all questions fail`)];
    if (found.late > 0 && found.crowded > 0) parts.push(`, ${percent(found.late)} because the fact was not stored and ${percent(found.crowded)} because it was crowded out`);
    parts.push(". ");
    if (curve.length && least.total < 2) parts.push(stored === least.p ? "No other number does better." : `Least: ${percent(least.total)}, with ${count(least.p)} stored.`);
    says.replaceChildren(...parts);
  }

  function now() {
    const last = Math.min(task.tokens, END), shown = [...task.blocks(1, Math.min(state.stored, last)), ...task.blocks(Math.min(state.stored, last) + 1, last)];
    return law.errors(task, state.dim, state.stored, state.rho, { blocks: shown });
  }

  const draw = framed(() => {
    const found = now(), axis = { scale: "log", domain: [0.5, Math.min(task.tokens, END) + 0.5] };
    sentence(found);
    if (left.clientWidth) {
      drawStrip(left.clientWidth, found, axis);
      drawCurve(left.clientWidth, found, axis);
    }
    if (!reduced && right.clientWidth) drawGrowth(right.clientWidth, found);
  });

  const choose = p => { state.stored = p; change(); };
  against.drag(choose);
  strip.drag(choose);
  growth.drag(dim => { sliders.dim.set(dim); state.dim = sliders.dim.value; change(); });
  prepare();
  resized(stage, draw);
  change();
  return { state, change, error: (dim, stored) => total(dim, stored), Law, Task };
}

register("storage", figure);

// What data leave unseen: samples fill the strip of tokens, and the error falls.
// Room: 500 pixels, 800 on a phone.
import { button, count, framed, html, including, integers, percent, player, register, resized, short, slider, uniforms } from "./shared.js";
import { Plot, text } from "./plot.js";
import { Task } from "./law.js";

const ALPHAS = Array.from({ length: 29 }, (_, k) => Number((1.2 + 0.1 * k).toFixed(1)));
const MOST = 1_000_000; // samples
const SHOWN = 10_000; // tokens on the strip of an endless vocabulary

/** Tokens of Zipf's law: by a table, or by rejection where they have no end (Devroye). */
function sampler(task, uniform) {
  if (task.tokens < Infinity) {
    const sums = new Float64Array(task.tokens);
    for (let x = 1, sum = 0; x <= task.tokens; x++) sums[x - 1] = sum += task.norm * x ** -task.alpha;
    return () => {
      const wanted = uniform() * sums.at(-1);
      let low = 0, high = task.tokens - 1;
      while (low < high) {
        const middle = (low + high) >> 1;
        if (sums[middle] < wanted) low = middle + 1; else high = middle;
      }
      return low + 1;
    };
  }
  const power = task.alpha - 1, b = 2 ** power;
  return () => {
    for (;;) {
      const x = Math.floor(uniform() ** (-1 / power)), v = uniform(), t = (1 + 1 / x) ** power;
      if (x < 2 ** 52 && (v * x * (t - 1)) / (b - 1) <= t / b) return x;
    }
  };
}

/** Σ p(x) (1 - p(x))^T, in narrow blocks. */
export function unseenMass(task, samples) {
  const last = Math.min(task.tokens, 1e8);
  let sum = 0;
  for (const [low, high] of task.blocks(1, last, 1.03)) {
    const p = task.norm * Math.sqrt((low - (low < high ? 0.5 : 0)) * (high + (low < high ? 0.5 : 0))) ** -task.alpha;
    sum += (low === high ? p : task.between(low, high)) * Math.exp(samples * Math.log1p(-p));
  }
  return sum + (task.tokens > last ? task.norm * ((last + 0.5) ** (1 - task.alpha)) / (task.alpha - 1) : 0);
}

function figure(stage, start) {
  const state = { alpha: 2, tokens: Infinity, seed: 1, samples: 30, ...start };
  if (state.tokens === null || state.tokens === "inf") state.tokens = Infinity;
  let task, blocks, edges, next, seen, filled, mass, latest, history, past = [], theory;
  const says = html("p", { class: "explore-says explore-two-lines", "aria-live": "polite" });
  const strip = new Plot({ height: 250, top: 34, label: "All tokens, the most frequent first; the area of a bar is how often its tokens occur, and the hatched part of it has not been seen" });
  const fall = new Plot({ height: 250, top: 30, right: 20, label: "Error against the number of samples" });
  const left = html("div", { class: "explore-column" }, strip.svg), right = html("div", { class: "explore-column" }, fall.svg);
  const alpha = slider({ label: "Zipf exponent *α*", values: including(ALPHAS, state.alpha), value: state.alpha, change: v => { state.alpha = v; past = []; begin(); } });
  const sum = () => history.at(-1)[0];

  function begin() {
    play.stop();
    task = new Task(state.alpha, state.tokens, 1);
    const last = Math.min(state.tokens, SHOWN);
    blocks = task.blocks(1, last, 1.1).map(([low, high]) => ({ low, high, mass: task.between(low, high) }));
    edges = blocks.map(b => b.low);
    next = sampler(task, uniforms(state.seed * 1009 + 7));
    seen = new Set();
    filled = new Float64Array(blocks.length);
    mass = 0;
    latest = null;
    history = [[0, 1]];
    theory = integers(1, MOST, 60).map(T => [T, unseenMass(task, T)]);
    draw();
  }

  function blockOf(x) {
    let low = 0, high = edges.length - 1;
    while (low < high) {
      const middle = (low + high + 1) >> 1;
      if (edges[middle] <= x) low = middle; else high = middle - 1;
    }
    return low;
  }

  function learn(number) {
    for (let k = 0; k < number && sum() < MOST; k++) {
      const x = next(), isNew = !seen.has(x), T = sum() + 1;
      latest = { x, isNew };
      if (isNew) {
        seen.add(x);
        const p = task.norm * x ** -task.alpha;
        mass += p;
        if (x <= blocks.at(-1).high) filled[blockOf(x)] += p;
      }
      const point = [T, Math.max(0, 1 - mass)];
      if (history.length > 3 && T / history.at(-2)[0] < 1.01) history[history.length - 1] = point; else history.push(point);
    }
    draw();
    return sum() < MOST;
  }

  function drawStrip(width) {
    const heights = blocks.map(b => b.mass / Math.log((b.high + 0.5) / (b.low - 0.5)));
    strip.begin(width, { scale: "log", domain: [0.5, blocks.at(-1).high + 0.5], label: "token *x*, the most frequent first" }, { scale: "linear", domain: [0, Math.max(...heights)] });
    blocks.forEach((block, k) => {
      const [a, b] = [strip.x(block.low - 0.5), strip.x(block.high + 0.5)], gap = b - a > 4 ? 0.7 : 0;
      const part = Math.min(1, filled[k] / block.mass), middle = strip.y(heights[k] * part);
      strip.rect(a + gap, b - gap, strip.y(0), middle, { class: "explore-kept" });
      strip.rect(a + gap, b - gap, middle, strip.y(heights[k]), { fill: `url(#${strip.hatch})` });
    });
    strip.add(text(2, 14, "how often each token occurs", { class: "explore-label" }));
    const border = (task.norm * Math.max(sum(), 1e-9)) ** (1 / task.alpha);
    if (border > 1 && border < blocks.at(-1).high) {
      const at = strip.x(border), { x0, x1 } = strip.box, end = at > (x0 + x1) / 2;
      strip.rect(at - 0.75, at + 0.75, 34, strip.y(0), { class: "explore-cut" });
      strip.add(text(at + (end ? -6 : 6), 46, "expected once", { class: "explore-tick explore-halo", "text-anchor": end ? "end" : "start" }));
    }
  }

  function drawFall(width) {
    const low = Math.min(...theory.map(p => p[1]));
    fall.begin(width, { scale: "log", domain: [1, MOST], label: "samples *T*" }, { scale: "log", domain: [10 ** Math.floor(Math.log10(Math.max(low, 1e-6) / 1.01)), 1], label: "share of questions never seen" });
    for (const run of past) fall.line(run.slice(1), { class: "explore-line explore-past" });
    const ends = fall.line(theory, { class: "explore-line explore-law" });
    fall.line(history.slice(1), { class: "explore-line explore-run" });
    const at = ends[Math.floor(ends.length * 0.62)];
    if (at) fall.add(text(at[0] + 6, at[1] - 9, "Σ *p* (1 − *p*)*ᵀ*", { class: "explore-strong explore-halo" }));
    if (sum() > 0) fall.here(sum(), history.at(-1)[1], { class: "explore-here explore-two-fill" });
  }

  function sentence() {
    const T = sum();
    if (T === 0) {
      says.replaceChildren("Nothing has been seen: ", html("strong", {}, "every question fails"), ". Draw a sample.");
      return;
    }
    const expected = unseenMass(task, T);
    says.replaceChildren(`After ${count(T)} ${T === 1 ? "sample" : "samples"}, ${count(seen.size)} different ${seen.size === 1 ? "token has" : "tokens have"} been seen. `,
      html("strong", {}, `${percent(history.at(-1)[1])} of all questions are about others`), `; expected are ${percent(expected)}. `,
      `The last sample was token ${count(latest.x)}, ${latest.isNew ? "new" : "seen before"}.`);
  }

  const draw = framed(() => {
    sentence();
    if (!left.clientWidth) return;
    drawStrip(left.clientWidth);
    drawFall(right.clientWidth);
  });
  const play = player(() => learn(Math.max(1, Math.round(sum() * 0.06))), 120);
  const again = button("New data", () => {
    if (sum() > 1) past = [...past, history].slice(-12);
    state.seed += 1;
    begin();
  });
  const draws = [1, 10, 100, 1000, 10_000].map(n => button(`+ ${count(n)}`, () => learn(n)));
  stage.append(says, html("div", { class: "explore-row" }, html("span", { class: "explore-buttons", role: "group", "aria-label": "draw samples" }, draws), play.element, again),
    html("div", { class: "explore-columns" }, left, right), html("div", { class: "explore-controls" }, alpha.element));
  begin();
  learn(state.samples);
  resized(stage, draw);
  return { state, begin, learn, history: () => history, expected: T => unseenMass(task, T), theory: () => theory };
}

register("unseen", figure);

// A memory that learns, one token at a time: logits, margins, errors, and the weights that result.
// Room: 780 pixels, 1330 on a phone.
import { button, choice, count, framed, html, including, normals, percent, player, register, resized, short, slider, svg, uniforms } from "./shared.js";
import { Plot, text } from "./plot.js";
import { Task } from "./law.js";

const RATES = [0.01, 0.02, 0.05, 0.1, 0.2, 0.3, 0.5, 0.7, 1, 1.5, 2, 3, 5, 7, 10, 15, 20, 30, 50, 100];
const DIMS = [2, 3, 4, 5, 6, 8, 10, 15, 20, 30, 50];
const LONGEST = 500; // steps

/** Scores L = E Wᵀ Uᵀ of all tokens. */
export function logits(memory, inputs, outputs) {
  return inputs.map(e => {
    const h = memory.map(row => row.reduce((sum, w, j) => sum + w * e[j], 0));
    return outputs.map(u => u.reduce((sum, c, i) => sum + c * h[i], 0));
  });
}

export function softmax(scores) {
  const top = Math.max(...scores), powers = scores.map(s => Math.exp(s - top)), sum = powers.reduce((a, b) => a + b, 0);
  return powers.map(p => p / sum);
}

/** One step on one token: W ← W - γ ∇, or W ← W - γ sign(∇). */
export function step(memory, inputs, outputs, label, token, rate, rule) {
  const e = inputs[token], p = softmax(logits(memory, [e], outputs)[0]);
  p[label] -= 1;
  const back = outputs[0].map((_, i) => outputs.reduce((sum, u, z) => sum + p[z] * u[i], 0));
  return memory.map((row, i) => row.map((w, j) => w - rate * (rule === "signs" ? Math.sign(back[i] * e[j]) : back[i] * e[j])));
}

function figure(stage, start, data) {
  const state = { tokens: 10, outputs: 5, alpha: 1.5, dim: 5, rule: "sgd", seed: 1, rates: { sgd: 10, signs: 0.3 }, draws: 12, ...start };
  if (start.rate !== undefined) state.rates = { ...state.rates, [state.rule]: start.rate };
  const task = new Task(state.alpha, state.tokens, state.outputs), N = state.tokens, M = state.outputs;
  const tokens = Array.from({ length: N }, (_, x) => x), labels = tokens.map(x => (x + 1) % M), masses = tokens.map(x => task.between(x + 1, x + 1));
  let inputs, outputs, memory, course, learned = [], at = 0, uniform = uniforms(state.seed * 31 + 5);

  const says = html("p", { class: "explore-says", "aria-live": "polite" });
  const map = svg("svg", { class: "explore-plot", role: "img", "aria-label": "Probability of each output for each token, and the margins of the tokens" });
  const history = new Plot({ height: 170, top: 30, label: "Error after each step" });
  const weights = new Plot({ height: 220, top: 30, right: 24, label: "Weights of the tokens against their probabilities" });
  const left = html("div", { class: "explore-column" }, map), right = html("div", { class: "explore-column" }, history.svg, weights.svg);

  function embed() {
    if (data?.inputs && data.outputs && data.inputs[0].length === state.dim) {
      [inputs, outputs] = [data.inputs, data.outputs];
      return;
    }
    const normal = normals(state.seed), most = DIMS.at(-1);
    const drawn = Array.from({ length: N + M }, () => Array.from({ length: Math.max(most, state.dim) }, normal).slice(0, state.dim));
    inputs = drawn.slice(0, N).map(e => e.map(c => c / Math.sqrt(state.dim)));
    outputs = drawn.slice(N).map(u => { const size = Math.hypot(...u); return u.map(c => c / size); });
  }

  /** Run through what was learned, from W = 0; of each moment the scores are kept. */
  function replay() {
    embed();
    memory = Array.from({ length: state.dim }, () => new Array(state.dim).fill(0));
    course = [logits(memory, inputs, outputs)];
    learned.forEach(advance);
  }

  function advance(x) {
    memory = step(memory, inputs, outputs, labels[x], x, state.rates[state.rule], state.rule);
    course.push(logits(memory, inputs, outputs));
  }

  function learn(x) {
    if (at < learned.length) { // a new way from here
      learned = learned.slice(0, at);
      replay();
    }
    if (learned.length >= LONGEST) return false;
    learned.push(x);
    advance(x);
    go(learned.length);
    return true;
  }

  function draw1() {
    let wanted = uniform(), x = 0;
    while (x < N - 1 && (wanted -= masses[x]) > 0) x++;
    return learn(x);
  }

  const margin = (scores, x) => scores[labels[x]] - Math.max(...scores.filter((_, z) => z !== labels[x]));
  const isRight = (scores, x) => scores.indexOf(Math.max(...scores)) === labels[x];
  const error = L => tokens.reduce((sum, x) => sum + (isRight(L[x], x) ? 0 : masses[x]), 0);
  /** What q(x) is for orthonormal embeddings: the lead of the right output over the mean of the others. */
  const weight = (L, x) => {
    const lead = (L[x][labels[x]] * M - L[x].reduce((a, b) => a + b, 0)) / M;
    return lead / inputs[x].reduce((sum, c) => sum + c * c, 0);
  };
  function slope() {
    const points = tokens.map(x => [Math.log(masses[x]), weight(course[at], x)]).filter(([, q]) => q > 1e-3).map(([p, q]) => [p, Math.log(q)]);
    if (points.length < 3) return null;
    const mean = i => points.reduce((sum, p) => sum + p[i], 0) / points.length, [a, b] = [mean(0), mean(1)];
    return { rho: points.reduce((s, [p, q]) => s + (p - a) * (q - b), 0) / points.reduce((s, [p]) => s + (p - a) ** 2, 0), a, b };
  }

  // --- what is seen
  function drawMap(width) {
    const L = course[at], before = at > 0 ? course[at - 1] : null, last = at > 0 ? learned[at - 1] : -1;
    const x0 = 34, cell = (width - x0 - 2) / N, high = Math.min(30, cell), top = 24, foot = top + M * high, zero = foot + 118;
    const height = zero + 92;
    for (const [name, value] of [["width", width], ["height", height], ["viewBox", `0 0 ${width} ${height}`]]) map.setAttribute(name, value);
    const parts = [text(0, 13, "probability of each output, token by token", { class: "explore-label" })];
    for (let z = 0; z < M; z++) parts.push(text(x0 - 8, top + (z + 0.5) * high + 4, String(z), { class: "explore-tick", "text-anchor": "end" }));
    const margins = tokens.map(x => margin(L[x], x)), old = before ? tokens.map(x => margin(before[x], x)) : margins;
    const most = Math.max(0.5, ...margins.map(Math.abs), ...old.map(Math.abs)), y = m => zero - (m / most) * 70;
    for (const x of tokens) {
      const p = softmax(L[x]), left_ = x0 + x * cell;
      p.forEach((value, z) => {
        parts.push(svg("rect", { x: left_ + 0.75, y: top + z * high + 0.75, width: cell - 1.5, height: high - 1.5, class: "explore-cell" }),
          svg("rect", { x: left_ + 0.75, y: top + z * high + 0.75, width: cell - 1.5, height: high - 1.5, class: "explore-one-fill", opacity: value.toFixed(3) }));
        if (z === labels[x]) parts.push(svg("circle", { cx: left_ + cell / 2, cy: top + (z + 0.5) * high, r: Math.min(5, cell / 5), class: "explore-ring" }));
      });
      const ok = isRight(L[x], x), a = y(Math.max(0, margins[x])), b = y(Math.min(0, margins[x])), wide = cell * 0.56, middle = left_ + cell / 2;
      parts.push(svg("rect", { x: middle - wide / 2, y: a, width: wide, height: Math.max(1.5, b - a), class: ok ? "explore-one-fill" : "explore-two-fill" }));
      if (before && Math.abs(y(old[x]) - y(margins[x])) > 1.5) {
        parts.push(svg("line", { x1: middle - wide / 2 - 2, x2: middle + wide / 2 + 2, y1: y(old[x]), y2: y(old[x]), class: "explore-old" }));
      }
      parts.push(text(middle, foot + 17, String(x + 1), { class: x === last ? "explore-strong" : "explore-tick", "text-anchor": "middle" }));
      if (!ok) parts.push(text(middle, foot + 32, "✗", { class: "explore-two-text", "text-anchor": "middle" }));
      if (x === last) parts.push(svg("rect", { x: left_, y: top - 1, width: cell, height: M * high + 2, rx: 3, class: "explore-frame" }));
    }
    parts.push(svg("line", { x1: x0, x2: width, y1: zero, y2: zero, class: "explore-axis" }),
      text(0, zero + 88, "margins; a grey line: before the last step", { class: "explore-label" }));
    map.replaceChildren(...parts);
  }

  function drawRest(width) {
    const errors = course.map(error), end = Math.max(20, learned.length);
    history.begin(width, { scale: "linear", domain: [0, end], label: "step", format: v => count(v) }, { scale: "linear", domain: [0, 1], label: "share of questions that fail" });
    const stairs = errors.flatMap((e, k) => (k ? [[k, errors[k - 1]], [k, e]] : [[k, e]]));
    history.line(stairs, { class: "explore-line explore-past-here" });
    history.line(stairs.filter(([k]) => k <= at), { class: "explore-line explore-law" });
    history.here(at, errors[at]);

    const shown = tokens.map(x => [masses[x], weight(course[at], x), x]), positive = shown.map(p => p[1]).filter(q => q > 0);
    const high = 10 ** Math.ceil(Math.log10(Math.max(1, ...positive) * 1.05)), low = high / 1000;
    weights.begin(width, { scale: "log", domain: [masses.at(-1) / 1.4, Math.min(1, masses[0] * 1.4)], label: "probability *p* of the token", format: v => `${Number((100 * v).toPrecision(2))} %` },
      { scale: "log", domain: [low, high], label: "its weight *q*", format: v => String(Number(v.toPrecision(2))) });
    const fit = slope();
    if (fit) {
      const line = [masses.at(-1) / 1.3, masses[0] * 1.3].map(p => [p, Math.exp(fit.b + fit.rho * (Math.log(p) - fit.a))]);
      weights.line(line, { class: "explore-line explore-best" });
      weights.add(text(weights.box.x1, weights.box.y0 - 8, `slope *ρ* = ${fit.rho.toFixed(2).replace("-", "−")}`, { class: "explore-strong explore-halo", "text-anchor": "end" }));
    }
    for (const [p, q, x] of shown) {
      const ok = isRight(course[at][x], x);
      if (q > low) weights.add(svg("circle", { cx: weights.x(p), cy: weights.y(q), r: x === learned[at - 1] ? 6.5 : 4.5, class: ok ? "explore-one-fill" : "explore-two-ring" }));
    }
  }

  function sentence() {
    const rate = state.rates[state.rule];
    if (at === 0) {
      says.replaceChildren("Nothing has been learned. ", html("strong", {}, "Teach it a token"), `: choose one, or let it be drawn. Steps have the size γ = ${short(rate)}.`);
      return;
    }
    const [now, then] = [course[at], course[at - 1]], x = learned[at - 1];
    const lost = tokens.filter(k => isRight(then[k], k) && !isRight(now[k], k)), won = tokens.filter(k => !isRight(then[k], k) && isRight(now[k], k) && k !== x);
    const list = some => some.map(k => k + 1).join(", ").replace(/, (\d+)$/, " and $1");
    const known = isRight(then[x], x) ? "was known already" : isRight(now[x], x) ? "is known now" : "is still not known";
    const parts = [`Step ${at}: token ${x + 1} ${known}`];
    if (lost.length) parts.push(html("strong", {}, `; ${lost.length > 1 ? "tokens" : "token"} ${list(lost)} ${lost.length > 1 ? "were" : "was"} lost`));
    if (won.length) parts.push(`; ${won.length > 1 ? "tokens" : "token"} ${list(won)} became right by chance`);
    const wrong = tokens.filter(k => !isRight(now[k], k)).length, fit = slope();
    parts.push(`. ${wrong ? `${wrong} of ${N} tokens are wrong, ${percent(error(course[at]))} of all questions` : `All ${N} tokens are right`}.`);
    if (fit) parts.push(fit.rho > 0.65 ? " The weights follow the frequencies." : fit.rho < 0.35 ? " The weights are nearly equal." : "");
    says.replaceChildren(...parts);
  }

  const draw = framed(() => {
    sentence();
    if (!left.clientWidth) return;
    drawMap(left.clientWidth);
    drawRest(right.clientWidth);
  });

  // --- controls
  const time = slider({ label: "step shown", values: [0], value: 0, format: v => `${v} of ${learned.length}`, change: v => { play.stop(); at = v; draw(); } });
  function go(wanted) {
    at = wanted;
    time.values = Array.from({ length: learned.length + 1 }, (_, k) => k);
    time.input.max = learned.length;
    time.set(at);
    draw();
  }
  const play = player(() => draw1(), 350);
  const anew = change => { change(); const kept = at; replay(); go(kept); };
  const rate = slider({ label: "step size *γ*", values: including(RATES, state.rates[state.rule]), value: state.rates[state.rule], change: v => anew(() => { state.rates[state.rule] = v; }) });
  const dim = slider({ label: "dimension *d*", values: including(DIMS, state.dim), value: state.dim, change: v => anew(() => { state.dim = v; }) });
  const rule = choice("step along", [["sgd", "the gradient (SGD)"], ["signs", "its signs"]], state.rule, value => anew(() => { state.rule = value; rate.set(state.rates[value]); }));
  const teach = html("span", { class: "explore-buttons", role: "group", "aria-label": "teach a token" }, tokens.slice(0, 20).map(x => button(String(x + 1), () => { play.stop(); learn(x); })));
  map.addEventListener("click", event => {
    const x = Math.floor((event.clientX - map.getBoundingClientRect().left - 34) / ((map.clientWidth - 36) / N));
    if (x >= 0 && x < N) { play.stop(); learn(x); }
  });
  stage.append(says, html("div", { class: "explore-row" }, html("span", {}, "teach token"), teach, button("draw one", () => { play.stop(); draw1(); }), play.element,
    button("Start over", () => { play.stop(); learned = []; replay(); go(0); })),
  html("div", { class: "explore-controls explore-first" }, time.element), html("div", { class: "explore-columns" }, left, right), html("div", { class: "explore-controls" }, rate.element, dim.element), html("div", { class: "explore-row" }, rule.element));
  replay();
  if (start.learned) start.learned.forEach(x => learn(x)); else for (let k = 0; k < state.draws; k++) draw1();
  resized(stage, draw);
  return { state, learn, go, draw1, course: () => course, learned: () => learned, slope, error: () => error(course[at]) };
}

register("learning", figure);

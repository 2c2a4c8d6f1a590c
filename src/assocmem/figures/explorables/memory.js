// A memory to drag: three facts in the plane, and what disturbs their recall.
// Room: 850 pixels, 1330 on a phone.
import { button, choice, framed, html, register, resized, short, slider, svg } from "./shared.js";
import { text } from "./plot.js";
import { COLOURS, Plane } from "./plane.js";

const SUB = ["₁", "₂", "₃"];
const WEIGHTS = Array.from({ length: 31 }, (_, k) => Number((0.1 * k).toFixed(1)));
const START = {
  e: [[1.1, 0.35], [1.05, 0.9], [-0.5, 0.9]], u: [[0.94, -0.34], [0.1, 0.995], [-0.9, -0.43]],
  q: [1, 1, 1], answers: [0, 1, 2], query: 0,
  facts: null, names: null, // what the inputs and outputs stand for
};
const HALVES = [1.35, 2, 3, 4.5, 7, 11, 17, 30];

/** Recall of a token: score of each output, and what each memory contributes to it. */
export function recall({ e, u, q, answers, query }) {
  const dot = (a, b) => a[0] * b[0] + a[1] * b[1];
  const strengths = e.map((ek, k) => q[k] * dot(ek, e[query]));
  const parts = u.map(uz => strengths.map((s, k) => s * dot(uz, u[answers[k]])));
  const scores = parts.map(row => row.reduce((a, b) => a + b, 0));
  return { strengths, parts, scores, found: scores.indexOf(Math.max(...scores)) };
}

function figure(stage, start) {
  const state = structuredClone({ ...START, ...start, shown: 3 }), drawn = structuredClone(state);
  state.u = state.u.map(([x, y]) => [x / Math.hypot(x, y), y / Math.hypot(x, y)]);
  let timer = null;
  const fact = k => state.facts?.[k] ?? `fact ${k + 1}`, name = z => state.names?.[z] ?? `u${SUB[z]}`;
  const upper = words_ => words_[0].toUpperCase() + words_.slice(1);
  const says = html("p", { class: "explore-says explore-two-lines", "aria-live": "polite" });
  const inputs = new Plane("Three input vectors, one for each fact; drag their tips, or use the arrow keys");
  const outputs = new Plane("Three output vectors and the cones in which each is recalled; the recall is the sum of the contributions");
  const bars = svg("svg", { class: "explore-plot", role: "img", "aria-label": "Scores of the outputs, split into the signal and what each other fact adds" });

  // --- controls
  const changed = () => { clearInterval(timer); state.shown = 3; draw(); };
  const query = choice(state.facts ? "ask for" : "ask for fact", [0, 1, 2].map(k => [k, state.facts?.[k] ?? String(k + 1)]), state.query, k => { state.query = k; changed(); });
  const sliders = [0, 1, 2].map(k => slider({ label: `weight *q*${SUB[k]}${state.facts ? ` of ${fact(k)}` : ""}`, values: WEIGHTS, value: state.q[k], change: v => { state.q[k] = v; changed(); } }));
  const answers = [0, 1, 2].map(k => choice(`answer of ${fact(k)}`, [0, 1, 2].map(z => [z, state.names?.[z] ?? `*u*${SUB[z]}`]), state.answers[k], z => { state.answers[k] = z; changed(); }));
  const turned = angle => [Math.cos(angle), Math.sin(angle)].map(c => 1.15 * c);
  const put = values => {
    Object.assign(state, structuredClone({ ...drawn, ...values }));
    sliders.forEach((s, k) => s.set(state.q[k]));
    answers.forEach((a, k) => a.pick(state.answers[k]));
    query.pick(state.query);
    changed();
  };
  const length = Math.hypot(...drawn.e[0]), along = drawn.e[0].map(c => c / length);
  const trials = [
    ["As at first", {}],
    ["Orthogonal inputs", { e: [drawn.e[0], [-along[1], along[0]], [along[1], -along[0]]], query: 0 }],
    ["One heavy weight", { q: [2.5, 1, 1] }],
    ["One answer for all", { answers: [0, 0, 0] }],
  ].map(([name, values]) => button(name, () => put(values)));
  const oneByOne = button("Add one by one", () => {
    clearInterval(timer);
    state.shown = 0;
    draw();
    timer = setInterval(() => {
      state.shown += 1;
      if (state.shown >= 3 || !stage.isConnected) clearInterval(timer);
      draw();
    }, 1100);
  });

  // --- handles: they stay, so that the focus stays
  function handle(plane, name, read, write, turning) {
    const element = svg("g", { tabindex: 0, role: "slider", class: "explore-handle", "aria-label": name, "aria-valuemin": -180, "aria-valuemax": 180 },
      svg("circle", { r: 22, class: "explore-reach" }), svg("circle", { r: 7, class: "explore-grip" }));
    element.addEventListener("pointerdown", event => { element.setPointerCapture(event.pointerId); event.preventDefault(); element.focus(); });
    element.addEventListener("pointermove", event => {
      if (element.hasPointerCapture(event.pointerId)) { write(plane.pointed(event)); changed(); }
    });
    element.addEventListener("keydown", event => {
      const turn = { ArrowLeft: 5, ArrowRight: -5 }[event.key], grow = { ArrowUp: 1.08, ArrowDown: 1 / 1.08 }[event.key];
      if (turn === undefined && grow === undefined) return;
      event.preventDefault();
      const [x, y] = read(), angle = Math.atan2(y, x) + ((turn ?? 0) * Math.PI) / 180, size = Math.hypot(x, y) * (turning ? 1 : grow ?? 1);
      write([size * Math.cos(angle), size * Math.sin(angle)]);
      changed();
    });
    plane.over.append(element);
    return () => {
      const [x, y] = read(), [px, py] = plane.at([x, y]), angle = Math.round((Math.atan2(y, x) * 180) / Math.PI);
      element.setAttribute("transform", `translate(${px.toFixed(1)} ${py.toFixed(1)})`);
      element.setAttribute("aria-valuenow", angle);
      element.setAttribute("aria-valuetext", `angle ${angle} degrees, length ${Math.hypot(x, y).toFixed(2)}`);
    };
  }
  const within = ([x, y], low, high) => {
    const size = Math.hypot(x, y) || 1, wanted = Math.min(high, Math.max(low, size));
    return [(x / size) * wanted, (y / size) * wanted];
  };
  const moves = [0, 1, 2].flatMap(k => [
    handle(inputs, `input e${k + 1}`, () => state.e[k], v => { state.e[k] = within(v, 0.15, reach()); }, false),
    handle(outputs, `output u${k + 1}`, () => state.u[k], v => { state.u[k] = within(v, 1, 1); }, true),
  ]);
  const reach = () => 1.3 * Math.max(1, ...drawn.e.map(v => Math.hypot(...v)));

  // --- what is seen
  const outside = (plane, [x, y], content, style) => {
    const size = Math.hypot(x, y) || 1, [px, py] = plane.at([x, y]), side = x / size, gap = 13;
    const anchor = side > 0.35 ? "start" : side < -0.35 ? "end" : "middle", lift = anchor === "middle" ? 7 : 0;
    plane.add(text(px + gap * side, py - ((gap + lift) * y) / size + 5, content, { class: `${style} explore-halo`, "text-anchor": anchor }));
  };

  function drawPlanes(size) {
    const { e, u, answers, query: asked, shown } = state, result = recall(state);
    inputs.begin(size, reach() * (state.facts ? 1.35 : 1.15));
    const lines = svg("g");
    for (const end of [[[-1, 0], [1, 0]], [[0, -1], [0, 1]]].map(line => line.map(p => p.map(c => c * inputs.half)))) {
      const [[x1, y1], [x2, y2]] = end.map(p => inputs.at(p));
      lines.append(svg("line", { x1, y1, x2, y2, class: "explore-grid" }));
    }
    inputs.add(lines, text(4, 15, "inputs", { class: "explore-label" }));
    e.forEach((v, k) => inputs.arrow([0, 0], v, { class: `explore-${COLOURS[k]}`, "stroke-width": k === asked ? 4 : 2.2 }));
    e.forEach((v, k) => outside(inputs, v, state.facts?.[k] ?? `*e*${SUB[k]}`, `explore-${COLOURS[k]}-text`));

    let at = [0, 0];
    const path = [at], order = [asked, ...[0, 1, 2].filter(k => k !== asked)];
    for (const k of order) path.push((at = [0, 1].map(i => at[i] + result.strengths[k] * u[answers[k]][i])));
    const far = Math.max(...path.flat().map(Math.abs)) * 1.12;
    outputs.begin(size, HALVES.find(h => h >= far) ?? far).shade(u);
    outputs.add(text(4, 15, "outputs", { class: "explore-label" }));
    u.forEach((v, z) => {
      outputs.arrow([0, 0], v, { class: `explore-${COLOURS[z]}`, "stroke-width": 2.2 });
      outside(outputs, v, state.names?.[z] ?? `*u*${SUB[z]}`, `explore-${COLOURS[z]}-text`);
    });
    order.slice(0, shown).forEach((k, i) => outputs.arrow(path[i], path[i + 1], { class: `explore-${COLOURS[k]}`, "stroke-width": 2, "stroke-dasharray": "5 3" }));
    if (shown > 0) {
      outputs.arrow([0, 0], path[shown], { class: "explore-ink", "stroke-width": 3.2 });
      outside(outputs, path[shown], shown === 3 ? `*We*${SUB[asked]}` : "", "explore-strong");
    }
    moves.forEach(move => move());
  }

  function drawBars(width) {
    const { parts, scores, found } = recall(state), { query: asked, answers, shown } = state, right = answers[asked];
    const order = [asked, ...[0, 1, 2].filter(k => k !== asked)], row = 50, x0 = state.names ? 58 : 34, x1 = width - 112;
    const sums = parts.flatMap(line => { let s = 0; return order.map(k => (s += line[k])); });
    const low = Math.min(0, ...sums), high = Math.max(0.2, ...sums), x = v => x0 + ((x1 - x0) * (v - low)) / (high - low);
    const height = 3 * row + 22;
    for (const [name, value] of [["width", width], ["height", height], ["viewBox", `0 0 ${width} ${height}`]]) bars.setAttribute(name, value);
    bars.replaceChildren(svg("text", { x: 0, y: 13, class: "explore-label" }, "score: ",
      order.map((k, i) => [svg("tspan", { class: `explore-${COLOURS[k]}-text` }, i ? fact(k) : `signal of ${fact(k)}`), i < 2 ? " + " : ""])));
    parts.forEach((line, z) => {
      const top = 24 + z * row;
      bars.append(text(2, top + 25, state.names?.[z] ?? `*u*${SUB[z]}`, { class: `explore-${COLOURS[z]}-text` }));
      let sum = 0;
      order.slice(0, shown).forEach((k, i) => {
        const [a, b] = [x(sum), x(sum + line[k])], y = top + 3 + 12 * i;
        sum += line[k];
        bars.append(svg("rect", { x: Math.min(a, b), y, width: Math.max(1, Math.abs(b - a)), height: 10, class: `explore-${COLOURS[k]}-fill`, opacity: i ? 0.55 : 1 }),
          svg("line", { x1: b, x2: b, y1: y, y2: y + (i < 2 ? 22 : 10), class: "explore-axis" }));
      });
      if (shown === 3) {
        const end = x(scores[z]);
        bars.append(svg("line", { x1: end, x2: end, y1: top, y2: top + 42, class: "explore-total" }),
          text(x1 + 8, top + 25, `${short(Number(scores[z].toFixed(2)))}${z === found ? (z === right ? " ✓ recalled" : " ✗ recalled") : z === right ? " (right)" : ""}`, { class: z === found ? "explore-strong" : "explore-tick" }));
      }
    });
    bars.append(svg("line", { x1: x(0), x2: x(0), y1: 20, y2: height, class: "explore-axis" }));
  }

  function sentence() {
    const { parts, scores, found } = recall(state), { query: asked, answers, shown } = state, right = answers[asked];
    if (shown < 3) {
      const order = [asked, ...[0, 1, 2].filter(k => k !== asked)];
      says.replaceChildren(shown === 0 ? "Nothing is recalled yet." : shown === 1 ? `${upper(fact(asked))} itself contributes along its own answer: the signal.` : `${upper(fact(order[shown - 1]))} adds its answer, as its input is not orthogonal to that of ${fact(asked)}.`);
      return;
    }
    const rival = found === right ? scores.map((s, z) => [s, z]).filter(([, z]) => z !== right).sort((a, b) => b[0] - a[0])[0][1] : found;
    const margin = scores[right] - scores[rival];
    const pulls = [0, 1, 2].filter(k => k !== asked).map(k => [parts[right][k] - parts[rival][k], k]).sort((a, b) => a[0] - b[0]);
    const [worst, k] = pulls[0], [good, g] = pulls.at(-1);
    const others = worst < -0.005 ? `${upper(fact(k))} pulls it away most, by ${short(Number((-worst).toFixed(2)))}.` : good > 0.005 ? `No other fact pulls it away; ${fact(g)} even helps, by ${short(Number(good.toFixed(2)))}.` : "The other facts do not disturb it at all.";
    says.replaceChildren(`Asked for ${fact(asked)}, the memory answers ${name(found)}: `, html("strong", {}, found === right ? "right" : "wrong"),
      `, by a margin of ${short(Number(Math.abs(margin).toFixed(2)))}. Its own signal is ${short(Number((parts[right][asked] - parts[rival][asked]).toFixed(2)))}. ${others}`);
  }

  const draw = framed(() => {
    sentence();
    const width = stage.querySelector(".explore-columns").clientWidth;
    if (!width) return;
    drawPlanes(width > 540 ? Math.min(340, (width - 20) / 2) : Math.min(250, width));
    drawBars(width);
  });
  stage.append(says, html("div", { class: "explore-row" }, query.element, oneByOne), html("div", { class: "explore-columns explore-even" }, inputs.svg, outputs.svg), bars,
    html("div", { class: "explore-row", role: "group", "aria-label": "examples" }, html("span", {}, "try"), trials),
    html("div", { class: "explore-controls" }, sliders.map(s => s.element)), html("div", { class: "explore-row" }, answers.map(a => a.element)));
  resized(stage, draw);
  return { state, draw, recall: () => recall(state) };
}

register("memory", figure);

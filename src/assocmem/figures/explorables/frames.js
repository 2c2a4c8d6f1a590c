// Learned vectors in the plane, one moment of the training after the other.
// Room: 640 pixels, 500 on a phone.
import { framed, html, player, register, resized, slider, svg } from "./shared.js";
import { text } from "./plot.js";
import { COLOURS, Plane } from "./plane.js";

/** data: {titles: [frame], outputs: [frame][output][2], hidden: [frame][token][2], labels: [token], masses: [token], says: [frame]} */
function figure(stage, start, data) {
  const state = { frame: 0, ...start }, { titles, labels, masses } = data;
  const says = html("p", { class: "explore-says explore-short", "aria-live": "polite" });
  const plane = new Plane("The plane, shaded by the output that is recalled; arrows are the outputs, circles the tokens", "img");
  const time = slider({ label: "time of the training", values: titles.map((_, k) => k), value: state.frame, format: k => titles[k], change: k => { play.stop(); state.frame = k; draw(); } });
  const play = player(() => {
    go((state.frame + 1) % titles.length);
    return state.frame < titles.length - 1;
  }, 700);
  const go = k => { state.frame = k; time.set(k); draw(); };

  const draw = framed(() => {
    const size = Math.min(460, stage.clientWidth - 34), outputs = data.outputs[state.frame], hidden = data.hidden[state.frame];
    if (size <= 0) return;
    const longest = rows => Math.max(1e-12, ...rows.map(v => Math.hypot(...v)));
    const [u, h] = [longest(outputs), longest(hidden)], colour = z => COLOURS[z % COLOURS.length];
    plane.begin(size, 1.25).shade(outputs);
    hidden.forEach(([a, b], x) => {
      const [cx, cy] = plane.at([a / h, b / h]);
      plane.add(svg("circle", { cx, cy, r: (2.5 + 9 * Math.sqrt(masses[x] / masses[0])).toFixed(1), class: `explore-${colour(labels[x])}-fill explore-outlined` }));
    });
    outputs.forEach((v, z) => {
      const tip = v.map(c => c / u), length = Math.hypot(...tip), [px, py] = plane.at(tip.map(c => c * (1 + 0.13 / length)));
      plane.arrow([0, 0], tip, { class: `explore-${colour(z)}`, "stroke-width": 2.5 });
      plane.add(text(px, py + 4, `*u*${[..."₀₁₂₃₄₅₆₇₈₉"][z] ?? z}`, { class: `explore-${colour(z)}-text explore-halo`, "text-anchor": "middle" }));
    });
    says.replaceChildren(data.says[state.frame]);
  });
  stage.append(says, time.element, html("div", { class: "explore-row" }, play.element), html("div", { class: "explore-centre" }, plane.svg));
  resized(stage, draw);
  return { state, go };
}

register("frames", figure);

// What the interactive figures share: elements, controls, axes, seeded random numbers, work in small pieces.

const fill = (element, attributes, children) => {
  for (const [name, value] of Object.entries(attributes)) {
    if (value !== undefined && value !== null) element.setAttribute(name, value);
  }
  element.append(...children.flat(9).filter(child => child !== null && child !== undefined && child !== false));
  return element;
};

/** An HTML element. */
export const html = (tag, attributes = {}, ...children) =>
  fill(document.createElement(tag), attributes, children);

/** An SVG element. */
export const svg = (tag, attributes = {}, ...children) =>
  fill(document.createElementNS("http://www.w3.org/2000/svg", tag), attributes, children);

/** Words and symbols: "dimension *d*" becomes text with the symbol in italics. */
export const words = text => text.split("*").map((part, k) => (k % 2 ? html("i", {}, part) : part));

// ---------------------------------------------------------------------------------------------- numbers

/** Uniform numbers in (0, 1) from a seed (mulberry32). */
export function uniforms(seed) {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d2b79f5) >>> 0;
    let t = Math.imul(state ^ (state >>> 15), state | 1);
    t ^= t + Math.imul(t ^ (t >>> 7), t | 61);
    return (((t ^ (t >>> 14)) >>> 0) + 0.5) / 4294967296;
  };
}

/** Standard normal numbers from a seed (Box and Muller). */
export function normals(seed) {
  const uniform = uniforms(seed);
  let spare = null;
  return () => {
    if (spare !== null) {
      const kept = spare;
      spare = null;
      return kept;
    }
    const radius = Math.sqrt(-2 * Math.log(uniform())), angle = 2 * Math.PI * uniform();
    spare = radius * Math.sin(angle);
    return radius * Math.cos(angle);
  };
}

/** Σ (a + k)^(-s) over k = 0, …, n - 1; n may be Infinity where s > 1 (Euler and Maclaurin). */
export function powerSum(a, s, n) {
  let sum = 0, k = 0;
  for (const first = Math.min(n, Math.max(0, Math.ceil(12 - a))); k < first; k++) sum += (a + k) ** -s;
  if (k >= n) return sum;
  const logarithmic = Math.abs(s - 1) < 1e-9;
  const rest = x => {
    const f = x ** -s;
    return (logarithmic ? -Math.log(x) : (x * f) / (s - 1)) + f / 2 + (s * f) / x / 12
      - (s * (s + 1) * (s + 2) * f) / x ** 3 / 720;
  };
  return sum + rest(a + k) - (n === Infinity ? 0 : rest(a + n));
}

/** Distinct integers, about evenly spread on a logarithmic axis. */
export function integers(low, high, count) {
  const found = new Set();
  for (let k = 0; k < count; k++) found.add(Math.round(low * (high / low) ** (k / (count - 1))));
  return [...found].sort((a, b) => a - b);
}

const raised = "⁰¹²³⁴⁵⁶⁷⁸⁹";

/** A count as people write it: 25, 1,000, 10⁶, ∞. */
export function count(value) {
  if (value === Infinity) return "∞";
  const power = Math.log10(value);
  if (value >= 1e5 && Math.abs(power - Math.round(power)) < 1e-9) {
    return `10${[...String(Math.round(power))].map(digit => raised[digit]).join("")}`;
  }
  return Math.round(value).toLocaleString("en");
}

/** A probability as a percentage of two digits. */
export function percent(value) {
  const x = 100 * value;
  if (!(x > 0)) return "0\u00a0%";
  if (x < 0.001) return "under 0.001\u00a0%";
  const digits = Math.max(0, 1 - Math.floor(Math.log10(x) + 1e-9));
  return `${x >= 10 ? x.toFixed(0) : x.toFixed(Math.min(digits, 4))}\u00a0%`;
}

/** A number of about three digits, with a true minus sign. */
export const short = value => String(Number(value.toPrecision(3))).replace("-", "−");

// --------------------------------------------------------------------------------------------- controls

/**
 * A slider over a list of values.
 * options: label, values, value, format, change(value)
 */
export function slider({ label, values, value, format = short, change }) {
  const input = html("input", { type: "range", min: 0, max: values.length - 1, step: 1, autocomplete: "off" });
  const output = html("output");
  const element = html("label", { class: "explore-slider" }, html("span", {}, words(label)), output, input);
  const control = {
    element, input, values,
    get value() { return control.values[Number(input.value)]; },
    set(wanted) {
      let best = 0;
      const far = k => Math.abs((Math.min(control.values[k], 1e9) || 1e-9) - Math.min(wanted, 1e9));
      control.values.forEach((_, k) => { if (far(k) < far(best)) best = k; });
      input.value = best;
      control.show();
    },
    /** Other values; what is chosen stays as near as it can. */
    offer(offered) {
      const kept = control.value;
      control.values = offered;
      input.max = offered.length - 1;
      control.set(kept);
    },
    show() {
      const text = format(control.value);
      output.textContent = text;
      input.setAttribute("aria-valuetext", text);
    },
  };
  input.addEventListener("input", () => { control.show(); change(control.value); });
  control.set(value);
  return control;
}

/** A list of values with one more, in order: what a figure starts from is always on offer. */
export const including = (values, one) => [...new Set([...values, one])].sort((a, b) => a - b);

/** A button. */
export function button(text, press) {
  const element = html("button", { type: "button", class: "explore-button" }, text);
  element.addEventListener("click", press);
  return element;
}

/** A choice among a few, as buttons that stay pressed. */
export function choice(label, options, chosen, change) {
  const buttons = options.map(([value, text]) => {
    const one = button(words(text), () => control.pick(value, true));
    one.value = value;
    return one;
  });
  const element = html("div", { class: "explore-choice", role: "group", "aria-label": label.replaceAll("*", "") },
    html("span", {}, words(label)), html("span", { class: "explore-buttons" }, buttons));
  const control = {
    element, value: chosen,
    pick(value, told = false) {
      control.value = value;
      for (const one of buttons) one.setAttribute("aria-pressed", String(one.value === String(value)));
      if (told) change(value);
    },
  };
  control.pick(chosen);
  return control;
}

/** A button that plays and pauses: calls step() every so many milliseconds until it returns false. */
export function player(step, milliseconds) {
  let timer = null;
  const stop = () => {
    clearInterval(timer);
    timer = null;
    element.textContent = "▶ Play";
  };
  const element = button("▶ Play", () => {
    if (timer !== null) return stop();
    element.textContent = "❚❚ Pause";
    timer = setInterval(() => { if (!element.isConnected || step() === false) stop(); }, milliseconds);
  });
  return { element, stop };
}

// ------------------------------------------------------------------------------------------------- work

/** Draw at most once a frame: returns a function that asks for it. */
export function framed(draw) {
  let asked = false;
  return () => {
    if (asked) return;
    asked = true;
    requestAnimationFrame(() => { asked = false; draw(); });
  };
}

/** Do long work in pieces of a few milliseconds, each given by a step of the generator; returns how to stop it. */
export function slowly(generator, milliseconds = 8) {
  let stopped = false;
  const piece = () => {
    const until = performance.now() + milliseconds;
    while (!stopped) {
      if (generator.next().done) return;
      if (performance.now() >= until) break;
    }
    if (!stopped) setTimeout(piece, 0);
  };
  setTimeout(piece, 0);
  return () => { stopped = true; };
}

/** Find every place on the page that waits for the figure, and start it there once. */
export function register(name, setup) {
  const begin = () => {
    for (const root of document.querySelectorAll(`.explore[data-figure="${name}"]:not(.explore-started)`)) {
      const stage = html("div", { class: "explore-live" });
      root.append(stage);
      root.classList.add("explore-started");
      try {
        const { start, data } = JSON.parse(root.dataset.values);
        root.figure = setup(stage, start, data);
      } catch (error) { // the picture stays
        root.classList.remove("explore-started");
        stage.remove();
        throw error;
      }
    }
  };
  begin();
}

/** Call draw(width) now and whenever the element has another width. */
export function resized(element, draw) {
  let known = 0;
  const look = () => {
    const width = Math.round(element.clientWidth);
    if (width > 0 && width !== known) draw((known = width));
  };
  new ResizeObserver(look).observe(element);
  look();
}

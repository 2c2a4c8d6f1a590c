// What a symbol means and what a reference leads to, in a small box: on hover, on keyboard focus and by a tap. All
// texts are in the page. Escape closes the box, and it stays while the pointer is on it.
{
  const wait = { show: 200, hide: 250 };
  let box = null, shown = null, timer = 0, touched = false;

  // `M \geq 2` is about M (tools/reading.py has the same rule).
  const key = (tex) => tex.replace(/\s*(=|[<>]|\\(in|to|geq?|leq?|sim|neq?)\b)[^]*/, "").replace(/[\s{}]|\\,/g, "");
  const meanings = new Map();
  const references = new Map();

  function source(trigger) {
    if (trigger.dataset.symbol) return meanings.get(trigger.dataset.symbol);
    const href = trigger.getAttribute("href");
    const target = href[0] === "#" && document.getElementById(decodeURIComponent(href.slice(1)));
    return references.get(href) || (target && target.matches("div.math, div.proof, div.exercise") ? target : null);
  }

  function contents(trigger) {
    const found = source(trigger);
    if (found.content) return found.content.cloneNode(true);
    const copy = found.cloneNode(true);
    [copy, ...copy.querySelectorAll("[id], [tabindex]")].forEach((node) => {
      node.removeAttribute("id");
      node.removeAttribute("tabindex");
    });
    copy.querySelectorAll(".headerlink").forEach((link) => link.remove());
    copy.querySelectorAll("a").forEach((link) => link.replaceWith(...link.childNodes));
    return copy;
  }

  function hide() {
    clearTimeout(timer);
    if (!shown) return;
    shown.removeAttribute("aria-describedby");
    box.hidden = true;
    shown = null;
  }

  function show(trigger) {
    clearTimeout(timer);
    if (trigger === shown) return;
    hide();
    if (!box) {
      box = document.createElement("div");
      box.id = "explanation";
      box.className = "explanation d-print-none";
      box.setAttribute("role", "tooltip");
      box.addEventListener("pointerenter", () => clearTimeout(timer));
      box.addEventListener("pointerleave", () => later(hide, wait.hide));
      document.querySelector(".bd-article").append(box);
    }
    box.replaceChildren(contents(trigger));
    box.hidden = false;
    const at = trigger.getBoundingClientRect();
    const origin = box.offsetParent.getBoundingClientRect();
    const room = document.documentElement.clientWidth - box.offsetWidth - 8;
    box.style.left = `${Math.max(8, Math.min(at.left, room)) - origin.left}px`;
    const below = at.bottom + box.offsetHeight + 8 < innerHeight || at.top < box.offsetHeight + 8;
    box.style.top = `${(below ? at.bottom + 4 : at.top - box.offsetHeight - 4) - origin.top}px`;
    trigger.setAttribute("aria-describedby", box.id);
    shown = trigger;
  }

  const later = (act, delay) => { clearTimeout(timer); timer = setTimeout(act, delay); };
  const trigger = (event) => event.target.closest && event.target.closest("[data-symbol], [data-explained]");

  function mark(article) {
    document.querySelectorAll("template[data-symbols]").forEach((template) =>
      template.dataset.symbols.split(" ").forEach((name) => meanings.set(name, template)));
    document.querySelectorAll("template[data-reference]").forEach((template) =>
      references.set(template.dataset.reference, template));
    article.querySelectorAll('a.internal[href*="#"]').forEach((link) => {
      if (source(link)) link.dataset.explained = "";
    });
    if (!meanings.size) return;
    // Where a section first has a symbol, the keyboard stops at it.
    const seen = new Set();
    article.querySelectorAll("h2, span.math annotation").forEach((node) => {
      if (node.tagName === "H2") { seen.clear(); return; }
      const name = key(node.textContent), bare = node.textContent.replace(/[\s{}]/g, "");
      const symbol = node.closest("span.math");
      if (!meanings.has(name) || symbol.closest("a, summary, h1, h2, h3, .admonition-title, figure")) return;
      symbol.dataset.symbol = name;
      if (!seen.has(name) && bare === name) { symbol.tabIndex = 0; seen.add(name); }
    });
  }

  document.addEventListener("DOMContentLoaded", () => {
    const article = document.querySelector(".bd-article");
    if (!article) return;
    mark(article);
    article.addEventListener("pointerover", (event) => {
      const over = event.pointerType === "mouse" && trigger(event);
      if (over) later(() => show(over), wait.show);
    });
    article.addEventListener("pointerout", (event) => {
      if (event.pointerType === "mouse" && trigger(event)) later(hide, wait.hide);
    });
    article.addEventListener("focusin", (event) => {
      const at = trigger(event);
      if (at && at.matches(":focus-visible")) show(at);
    });
    article.addEventListener("focusout", hide);
    // A first tap on a reference explains it, a second one follows it.
    document.addEventListener("pointerdown", (event) => { touched = event.pointerType === "touch"; });
    document.addEventListener("click", (event) => {
      const at = trigger(event);
      if (!at) { if (!box || !box.contains(event.target)) hide(); return; }
      if (touched || at.dataset.symbol) {
        if (shown !== at) event.preventDefault();
        show(at);
      }
    });
    document.addEventListener("keydown", (event) => { if (event.key === "Escape") hide(); });
  });
}

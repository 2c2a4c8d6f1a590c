// A formula wider than its column scrolls in its own box; with a place in the tab order, it does so by keyboard too.
function makeWideFormulasFocusable() {
  for (const formula of document.querySelectorAll('mjx-container[display="true"], div.math')) {
    if (formula.scrollWidth > formula.clientWidth) {
      formula.tabIndex = 0;
    } else {
      formula.removeAttribute("tabindex");
    }
  }
}

window.addEventListener("load", () => {
  window.MathJax?.startup.promise.then(() => {
    makeWideFormulasFocusable();
    window.addEventListener("resize", makeWideFormulasFocusable);
  });
});

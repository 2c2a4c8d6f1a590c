// What is wider than its column scrolls in its own box; with a place in the tab order, it does so by keyboard too.
function makeScrollingBoxesFocusable() {
  const boxes = 'mjx-container[display="true"], div.math, .pst-scrollable-table-container, .cell_output .output';
  for (const box of document.querySelectorAll(boxes)) {
    if (box.scrollWidth > box.clientWidth) {
      box.tabIndex = 0;
    } else {
      box.removeAttribute("tabindex");
    }
  }
}

window.addEventListener("load", async () => {
  await window.MathJax?.startup.promise;
  makeScrollingBoxesFocusable();
  window.addEventListener("resize", makeScrollingBoxesFocusable);
});

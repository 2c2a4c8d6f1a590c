// What is wider than its column scrolls in its own box. Such a box has a place in the tab order, so that it scrolls by
// keyboard too, and a fading edge where there is more to see.
const SCROLLING_BOXES = ".formula, .pst-scrollable-table-container, .cell_output .output";

function showMore(box) {
  const rest = box.scrollWidth - box.clientWidth - box.scrollLeft;
  box.classList.toggle("more-left", box.scrollLeft > 1);
  box.classList.toggle("more-right", rest > 1);
}

function markScrollingBoxes() {
  // First all reading, then all writing: else the page is laid out again for every box.
  const boxes = [...document.querySelectorAll(SCROLLING_BOXES)];
  const wide = boxes.map((box) => box.scrollWidth > box.clientWidth + 1);
  boxes.forEach((box, i) => {
    if (wide[i]) {
      box.tabIndex = 0;
      box.onscroll = () => showMore(box);
      showMore(box);
    } else {
      box.removeAttribute("tabindex");
      box.classList.remove("more-left", "more-right");
    }
  });
}

window.addEventListener("load", async () => {
  await document.fonts.ready;
  markScrollingBoxes();
  window.addEventListener("resize", markScrollingBoxes);
});

// Proofs fold one by one or all together, and the choice is remembered. On paper everything is open but solutions,
// which a reader may ask for; then they stand at the end.
{
  const remembered = (key) => { try { return localStorage.getItem(key); } catch { return null; } };
  const remember = (key, value) => { try { localStorage.setItem(key, value); } catch { /* a private window */ } };

  document.addEventListener("DOMContentLoaded", () => {
    const proofs = [...document.querySelectorAll(".proof-fold")];
    const button = document.querySelector(".proof-choice button");
    const label = () => {
      button.textContent = proofs.some((proof) => proof.open) ? "Fold all proofs" : "Show all proofs";
    };
    if (button) {
      const set = (open) => { proofs.forEach((proof) => { proof.open = open; }); label(); };
      if (remembered("proofs") === "folded") set(false);
      button.addEventListener("click", () => {
        const open = !proofs.some((proof) => proof.open);
        set(open);
        remember("proofs", open ? "open" : "folded");
      });
      proofs.forEach((proof) => proof.addEventListener("toggle", label));
      // A link into a proof opens it.
      const reach = () => {
        const target = location.hash && document.getElementById(decodeURIComponent(location.hash.slice(1)));
        const fold = target && target.closest(".proof-fold:not([open])");
        if (fold) { fold.open = true; target.scrollIntoView(); }
      };
      window.addEventListener("hashchange", reach);
      reach();
    }

    const solutions = [...document.querySelectorAll(".solution.dropdown")];
    // The theme's buttons for solutions come with one name for all.
    const name = (toggle) => {
      const block = toggle.closest(".admonition");
      const title = block && block.querySelector(".admonition-title");
      if (!title) return;
      const words = title.textContent.trim().replace(/\s+/g, " ").replace(/^./, (letter) => letter.toLowerCase());
      toggle.setAttribute("aria-label", `Show ${words}`);
      toggle.setAttribute("aria-expanded", String(!block.classList.contains("toggle-hidden")));
    };
    window.addEventListener("load", () => document.querySelectorAll("button.toggle-button").forEach((toggle) => {
      name(toggle);
      toggle.closest(".admonition").addEventListener("click", () => setTimeout(() => name(toggle)));
    }));

    const exercises = document.querySelector("#exercises > h2");
    if (solutions.length && exercises) {
      exercises.insertAdjacentHTML("afterend",
        '<p class="print-choice d-print-none"><label><input type="checkbox"> print with solutions</label></p>');
      const box = exercises.nextElementSibling.querySelector("input");
      box.checked = remembered("print-solutions") === "yes";
      box.addEventListener("change", () => remember("print-solutions", box.checked ? "yes" : "no"));
    }
  });

  let undo = [];
  window.addEventListener("beforeprint", () => {
    const change = (act, back) => { act(); undo.push(back); };
    document.querySelectorAll("main details:not([open])").forEach((fold) =>
      change(() => { fold.open = true; }, () => { fold.open = false; }));
    document.querySelectorAll("main img[loading=lazy]").forEach((image) => { image.loading = "eager"; });
    const box = document.querySelector(".print-choice input");
    document.documentElement.classList.toggle("print-solutions", Boolean(box && box.checked));
    if (!box || !box.checked) return;
    const end = document.createElement("section");
    end.className = "printed-solutions";
    end.innerHTML = "<h2>Solutions</h2>";
    document.querySelectorAll(".solution.dropdown").forEach((solution) => {
      const place = document.createComment("solution");
      const hidden = solution.classList.contains("toggle-hidden");
      change(() => { solution.replaceWith(place); end.append(solution); solution.classList.remove("toggle-hidden"); },
        () => { place.replaceWith(solution); solution.classList.toggle("toggle-hidden", hidden); });
    });
    change(() => document.querySelector(".bd-article").append(end), () => end.remove());
  });
  window.addEventListener("afterprint", () => { undo.forEach((back) => back()); undo = []; });
}

/* "Change it": fields that write the command which runs a chapter again with other values. */
function writeCommand(box) {
  const form = box.querySelector("form");
  const line = box.querySelector("pre");
  if (!form || !line) return;
  const call = line.textContent.trim().split(" -p ")[0];
  const write = () => {
    const changed = [...form.querySelectorAll("input")].filter(
      (field) => field.value.trim() !== "" && field.value.trim() !== field.dataset.default);
    const values = changed.map((field) => ` -p ${field.name} ${field.value.trim().replace(/[^\w.+-]/g, "")}`);
    line.textContent = call + values.join("") + "\n";
  };
  form.addEventListener("input", write);
  form.addEventListener("submit", (event) => event.preventDefault());
  form.hidden = false;
  write();
}

window.addEventListener("DOMContentLoaded", () => document.querySelectorAll(".change-it").forEach(writeCommand));

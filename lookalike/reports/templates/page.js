// Comfort only: without it everything on the page can be read.
const findings = [...document.querySelectorAll(".finding")];
const filter = document.getElementById("filter");
if (findings.length > 1) {
  const label = document.createElement("label");
  label.textContent = "Show only those with ";
  const input = label.appendChild(document.createElement("input"));
  input.type = "search";
  const count = document.createElement("output");
  filter.append(label, count);
  input.addEventListener("input", () => {
    const words = input.value.toLowerCase().split(/\s+/);
    let left = 0;
    for (const each of findings) {
      const text = each.textContent.toLowerCase();
      each.hidden = !words.every((word) => text.includes(word));
      left += !each.hidden;
    }
    count.textContent = `${left} of ${findings.length}`;
  });
}
if (navigator.clipboard) {
  for (const command of document.querySelectorAll(".command")) {
    const button = document.createElement("button");
    const caption = command.parentElement.querySelector("figcaption");
    button.type = "button";
    button.setAttribute("aria-label", `Copy the command for ${caption.textContent}`);
    button.textContent = "Copy";
    button.addEventListener("click", async () => {
      await navigator.clipboard.writeText(command.textContent);
      button.textContent = "Copied";
    });
    caption.append(button);
  }
}

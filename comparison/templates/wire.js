// Shows the differences that have all words of the search, in the chosen area. Without it all are shown.

const form = document.querySelector(".filter");
const search = document.querySelector("#search");
const area = document.querySelector("#area");
const count = document.querySelector(".count");
const nothing = document.querySelector(".nothing");
const sections = [...document.querySelectorAll(".area")];
const differences = [...document.querySelectorAll(".difference")].map((element) => ({
  element,
  area: element.closest(".area").querySelector("h2").id,
  text: element.textContent.toLowerCase(),
}));

function show() {
  const words = search.value.toLowerCase().split(/\s+/).filter(Boolean);
  let shown = 0;
  for (const each of differences) {
    const fits = (!area.value || each.area === area.value) && words.every((word) => each.text.includes(word));
    each.element.hidden = !fits;
    shown += fits;
  }
  for (const section of sections) section.hidden = !section.querySelector(".difference:not([hidden])");
  count.textContent = shown === 1 ? "1 difference" : `${shown} differences`;
  nothing.hidden = shown > 0;
}

// A link to a difference, or an area, shows it whatever the search says.
function reveal() {
  const target = document.getElementById(decodeURIComponent(location.hash.slice(1)));
  if (!target?.closest("[hidden]")) return;
  search.value = "";
  area.value = "";
  show();
  target.scrollIntoView();
}

search.value = new URLSearchParams(location.search).get("q") ?? "";
form.hidden = false;
form.addEventListener("submit", (event) => event.preventDefault());
search.addEventListener("input", show);
area.addEventListener("change", show);
addEventListener("hashchange", reveal);
show();
reveal();

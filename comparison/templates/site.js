// Columns that a reader switches on are kept in the address; statements that correspond light up
// together; wide tables say that they go on; and chapters are searched. Without this script all
// pages can still be read.
"use strict";

{ // a scope of its own, since pages may have scripts besides
  const columns = [...document.querySelectorAll("input[name=column]")];

  function keepColumns() {
    const shown = columns.filter((each) => each.checked).map((each) => each.value);
    const query = shown.length ? `?columns=${shown.join(",")}` : "";
    history.replaceState(null, "", location.pathname + query + location.hash);
    for (const link of document.querySelectorAll("nav.turn a")) link.search = query;
  }

  function readColumns() {
    const wanted = new URLSearchParams(location.search).get("columns")?.split(",") ?? [];
    for (const each of columns) each.checked = wanted.includes(each.value);
    keepColumns();
  }

  if (columns.length) {
    for (const each of columns) each.addEventListener("change", keepColumns);
    addEventListener("pageshow", readColumns);
  }

  function light({ target, type }) {
    const chunk = target.closest?.("[data-key]");
    for (const each of document.querySelectorAll(".lit")) each.classList.remove("lit");
    if (!chunk || type === "focusout") return;
    const panes = chunk.closest(".panes");
    for (const each of panes.querySelectorAll("[data-key]")) {
      if (each.dataset.key === chunk.dataset.key) each.classList.add("lit");
    }
  }

  for (const type of ["mouseover", "focusin", "focusout"]) document.addEventListener(type, light);

  // Tables that are wider than their box say so.
  const sizes = new ResizeObserver((entries) => {
    for (const { target } of entries) target.classList.toggle("wide", target.scrollWidth > target.clientWidth);
  });
  for (const each of document.querySelectorAll(".scroll")) sizes.observe(each);

  const search = document.querySelector("search");
  const field = search.querySelector("input");
  const found = search.querySelector("ul");
  const count = search.querySelector("[role=status]");
  search.hidden = false;

  // The index is a script, since a page that is read from a folder may fetch nothing.
  function loadIndex() {
    if (window.pages || document.querySelector("#index")) return;
    const script = Object.assign(document.createElement("script"), { id: "index", src: `${search.dataset.up}index.js` });
    script.addEventListener("load", showFound);
    document.head.append(script);
  }

  function showFound() {
    const words = field.value.toLowerCase().split(/\s+/).filter(Boolean);
    if (!window.pages) return;
    const matches = words.length ? window.pages.filter((page) => words.every((word) => page.words.includes(word) || page.title.toLowerCase().includes(word))) : [];
    const inTitle = (page) => words.every((word) => page.title.toLowerCase().includes(word));
    matches.sort((one, other) => inTitle(other) - inTitle(one));
    found.replaceChildren(
      ...matches.slice(0, 8).map((page) => {
        const link = Object.assign(document.createElement("a"), { href: search.dataset.up + page.address, textContent: page.title });
        const about = Object.assign(document.createElement("span"), { textContent: page.question });
        const item = document.createElement("li");
        item.append(link, about);
        return item;
      }),
    );
    found.hidden = !matches.length;
    count.textContent = words.length ? `${matches.length} found` : "";
  }

  field.addEventListener("focus", loadIndex);
  field.addEventListener("input", showFound);
  search.addEventListener("keydown", (event) => {
    if (event.key !== "Escape") return;
    field.value = "";
    field.focus();
    showFound();
  });
  search.addEventListener("submit", (event) => {
    event.preventDefault();
    const first = found.querySelector("a");
    if (first) location.href = first.href;
  });
}

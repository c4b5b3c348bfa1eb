// Shows results while somebody types; without it the form's button does the same.
"use strict";

const form = document.querySelector("form.play");
const schema = form.elements.schema;
const body = form.elements.body;
const tries = form.querySelector(".tries");
const results = document.getElementById("results");
const PAUSE = 250; // milliseconds without a key
let timer;
let last = 0;

function address() {
  return `?${new URLSearchParams({ schema: schema.value, body: body.value })}`;
}

async function show() {
  const number = (last += 1);
  try {
    const answer = await fetch(`${form.getAttribute("action")}${address()}&part=`);
    const html = await answer.text();
    if (number !== last) return; // something newer was asked since
    results.innerHTML = html;
    history.replaceState(null, "", address()); // so that it can be shared
  } catch {
    const said = document.createElement("p");
    said.className = "warning";
    said.textContent = "The playground does not respond. Is `make play` still running?";
    results.replaceChildren(said);
  }
}

function offer() {
  const inputs = JSON.parse(schema.selectedOptions[0].dataset.inputs);
  tries.replaceChildren(
    ...inputs.flatMap((input) => {
      const link = document.createElement("a");
      link.href = `?${new URLSearchParams({ schema: schema.value, body: input })}`;
      link.append(Object.assign(document.createElement("code"), { textContent: input }));
      return [link, " "];
    }),
  );
  body.value = inputs[0];
}

schema.addEventListener("change", () => {
  offer();
  show();
});
body.addEventListener("input", () => {
  clearTimeout(timer);
  timer = setTimeout(show, PAUSE);
});
tries.addEventListener("click", (event) => {
  const link = event.target.closest("a");
  if (!link) return;
  event.preventDefault();
  body.value = link.textContent;
  show();
});
form.addEventListener("submit", (event) => {
  event.preventDefault();
  show();
});

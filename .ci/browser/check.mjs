// Looks at the site in a real browser: `node check.mjs [--full] <folder of the site> [<screenshot folder>]`.
//
// Prints a list of what is wrong as JSON: errors on the console, requests to anywhere but the site's own
// files, links that lead nowhere, what axe finds in either theme, code that is clipped or pages that are too
// wide on a phone, a desk or a wide screen, and columns and a search that don't do what they should.

import { readFile, readdir, access } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { pathToFileURL, fileURLToPath } from "node:url";
import { chromium } from "playwright-core";

const full = process.argv.includes("--full");
const [site, screenshots] = process.argv.slice(2).filter((each) => each !== "--full");
const root = path.resolve(site);
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 900 };
const WIDE = { width: 1920, height: 1080 };
const wrong = [];

// Measuring the contrast of each word takes seconds for a page full of code. Colours come from one style
// sheet, so pages of every kind are enough for it; --full measures all.
const THOROUGH = /^(index|measurements|ladder|claims|playground|add-one-field|wire-differences|serializers\/(decimals|n-plus-one)|frameworks\/routing|source\/drf_api\/urls\.py)\.html$/;

async function pages() {
  const found = await readdir(root, { recursive: true });
  return found.filter((name) => name.endsWith(".html")).sort();
}

async function audit(page, name, theme, rules) {
  await page.emulateMedia({ colorScheme: theme });
  await page.evaluate(axe);
  const { violations } = await page.evaluate((given) => window.axe.run(document, { preload: false, resultTypes: ["violations"], rules: given }), rules);
  for (const { id, help, nodes } of violations) {
    wrong.push(`${name}, ${theme}: axe ${id}: ${help}: ${nodes[0].html.slice(0, 200)} (${nodes.length} in all)`);
  }
}

async function audits(page, name) {
  if (full || THOROUGH.test(name)) {
    await audit(page, name, "light", {});
    await audit(page, name, "dark", {});
  } else if (!name.startsWith("source/")) {
    await audit(page, name, "light", { "color-contrast": { enabled: false } });
  }
}

// Code and results are read whole: none is wider than its box, and no page than its window. Cells of tables
// hold what is in them, and break no word that isn't code; a table that is wider than its box says so.
async function clipped() {
  const found = [];
  const over = document.documentElement.scrollWidth - document.documentElement.clientWidth;
  if (over > 0) found.push(`${over} px too wide`);
  for (const box of document.querySelectorAll("pre, .listing, .trials")) {
    if (!box.checkVisibility()) continue;
    const { right } = box.getBoundingClientRect();
    const inner = [box, ...box.querySelectorAll("code, .line, td, th")].find((each) => each.scrollWidth > each.clientWidth + 1 && each.clientWidth || each.getBoundingClientRect().right > right + 1);
    if (inner) found.push(`clips ${inner.outerHTML.slice(0, 120)}`);
  }
  const range = document.createRange();
  for (const cell of document.querySelectorAll("td, th")) {
    if (!cell.checkVisibility()) continue;
    if (cell.scrollWidth > cell.clientWidth + 1) found.push(`clips ${cell.outerHTML.slice(0, 120)}`);
    const texts = document.createTreeWalker(cell, NodeFilter.SHOW_TEXT, (node) => (node.parentElement.closest("code, pre, .unseen") ? NodeFilter.FILTER_REJECT : NodeFilter.FILTER_ACCEPT));
    for (let node = texts.nextNode(); node; node = texts.nextNode()) {
      for (const { 0: word, index } of node.data.matchAll(/\p{L}{2,}/gu)) {
        range.setStart(node, index);
        range.setEnd(node, index + word.length);
        if (new Set([...range.getClientRects()].map((each) => each.top)).size > 1) found.push(`breaks “${word}” in ${cell.outerHTML.slice(0, 120)}`);
      }
    }
  }
  const hints = document.querySelector("script[src$='site.js']"); // lookalike's reports have none
  const boxes = hints ? [...document.querySelectorAll(".scroll")] : [];
  // What watches their sizes is called with the next frame.
  if (boxes.length) await new Promise((done) => { requestAnimationFrame(() => requestAnimationFrame(done)); });
  for (const box of boxes) {
    const says = getComputedStyle(box, "::before").content.includes("Scroll sideways");
    if (box.checkVisibility() && says !== box.scrollWidth > box.clientWidth) found.push(`${says ? "says that it scrolls" : "doesn't say that it scrolls"}: ${box.getAttribute("aria-label")}`);
  }
  return found;
}

function expect(holds, what) {
  if (!holds) wrong.push(what);
}

// A column that is off by default: switched on, kept in the address, and read from it.
async function columns(page) {
  const name = "serializers/decimals.html";
  const address = pathToFileURL(path.join(root, name)).href;
  const shown = (column) => page.locator(`.pane[data-column=${column}]`).first().isVisible();
  await page.goto(address);
  expect((await shown("drf")) && !(await shown("pydantic")) && !(await shown("ninja")), `${name}: shows other columns than it should`);
  await page.check("#column-pydantic");
  expect(await shown("pydantic"), `${name}: a column that is switched on is not shown`);
  expect(page.url() === `${address}?columns=pydantic`, `${name}: ${page.url()} doesn't keep the column`);
  await page.reload();
  expect(await shown("pydantic"), `${name}: a reload forgets a column`);
  await page.click("nav.turn a[rel=next]");
  expect((await shown("pydantic")) && !(await shown("ninja")), `${page.url()}: the next chapter forgets a column`);
  await page.goto(`${address}?columns=pydantic,ninja#contract`);
  expect((await shown("pydantic")) && (await shown("ninja")), `${name}: an address with columns shows others`);
  await page.uncheck("#column-pydantic");
  expect(page.url() === `${address}?columns=ninja#contract`, `${name}: ${page.url()} keeps a column that is switched off`);
  for (const size of [PHONE, DESK, WIDE]) {
    await page.check("#column-pydantic");
    await page.setViewportSize(size);
    for (const what of await page.evaluate(clipped)) wrong.push(`${name} with all columns, ${size.width} px: ${what}`);
  }
}

// What corresponds lights up together, for the mouse and for the keyboard; and stands in one row.
async function counterparts(page) {
  const name = "serializers/strict-types.html";
  await page.setViewportSize(DESK);
  await page.goto(pathToFileURL(path.join(root, name)).href);
  const [first] = await page.locator(".pane[data-column=marshmallow] [data-key='Todo.completed']").all();
  const lit = () => page.locator(".pane[data-column=drf] .lit").evaluateAll((all) => all.map((each) => each.dataset.key));
  for (const act of ["hover", "focus"]) {
    await first[act]();
    expect((await lit()).join() === "Todo.completed", `${name}: after ${act}, lit is ${await lit()}`);
    await page.mouse.move(0, 0);
  }
  const top = (column) => page.locator(`.pane[data-column=${column}] [data-key='Todo.completed']`).first().evaluate((each) => each.getBoundingClientRect().top);
  expect((await top("marshmallow")) === (await top("drf")), `${name}: counterparts are not in one row`);
}

async function search(page) {
  const name = "serializers/decimals.html";
  await page.goto(pathToFileURL(path.join(root, name)).href);
  await page.fill("search input", "surrogate");
  await page.locator("search a").first().click();
  await page.waitForURL("**/serializers/nul-and-surrogates.html");
  await page.fill("search input", "quetzalcoatlus");
  await page.locator("search [role=status]", { hasText: /^0 found$/ }).waitFor({ state: "attached" });
}

async function isThere(file) {
  return access(file).then(() => true, () => false);
}

const anchors = new Map(); // a page's file, and its ids
const links = []; // from which page to which file and anchor

async function look(page, name) {
  const address = pathToFileURL(path.join(root, name)).href;
  page.removeAllListeners();
  page.on("console", (said) => { if (["error", "warning"].includes(said.type())) wrong.push(`${name}: console: ${said.text()}`); });
  page.on("pageerror", (error) => wrong.push(`${name}: ${error.message}`));
  page.on("requestfailed", (request) => wrong.push(`${name}: ${request.url()} could not be loaded`));
  page.on("request", (request) => {
    const url = request.url();
    if (!url.startsWith(pathToFileURL(root).href + "/") && !url.startsWith("data:")) wrong.push(`${name}: asks for ${url}`);
  });
  await page.goto(address);
  const { ids, hrefs } = await page.evaluate(() => ({
    ids: [...document.querySelectorAll("[id]")].map((each) => each.id),
    hrefs: [...document.querySelectorAll("a[href]")].map((each) => each.href),
  }));
  anchors.set(path.join(root, name), new Set(ids));
  for (const href of hrefs) links.push([name, href]);
  await audits(page, name);
  for (const size of sizes(name)) {
    await page.setViewportSize(size);
    for (const what of await page.evaluate(clipped)) wrong.push(`${name}, ${size.width} px: ${what}`);
  }
}

// Pages of sources are code alone, whose lines wrap: what fits a phone fits a wider screen, too. There are
// hundreds, of one template, so only one of them is laid out for every screen; --full does so with all.
function sizes(name) {
  return full || THOROUGH.test(name) || !name.startsWith("source/") ? [PHONE, WIDE, DESK] : [PHONE];
}

async function followed() {
  for (const [name, href] of links) {
    const url = new URL(href);
    if (url.protocol !== "file:") {
      wrong.push(`${name}: links to ${href}`);
      continue;
    }
    const file = fileURLToPath(new URL(url.pathname, "file://"));
    if (!file.startsWith(root + path.sep) || !(await isThere(file))) wrong.push(`${name}: links to ${href}, which is not there`);
    else if (url.hash && !anchors.get(file)?.has(decodeURIComponent(url.hash.slice(1)))) wrong.push(`${name}: links to ${href}, where there is no such place`);
  }
}

// Pictures for a person to look at: some pages, in both themes and on a phone.
async function shoot(page) {
  for (const name of ["index.html", "serializers/strict-types.html", "measurements.html", "claims.html", "add-one-field.html", "frameworks/queries.html"]) {
    if (!(await isThere(path.join(root, name)))) continue;
    await page.goto(pathToFileURL(path.join(root, name)).href);
    for (const [kind, size, theme] of [["light", DESK, "light"], ["dark", DESK, "dark"], ["phone", PHONE, "light"]]) {
      await page.setViewportSize(size);
      await page.emulateMedia({ colorScheme: theme });
      await page.screenshot({ path: path.join(screenshots, `${name.replace("/", "-").replace(".html", "")}-${kind}.png`), fullPage: kind !== "light" || name !== "index.html" });
    }
  }
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
try {
  const names = await pages();
  const waiting = [...names];
  // Two at a time, as each is a process of its own.
  await Promise.all([1, 2].map(async () => {
    const page = await browser.newPage({ viewport: DESK });
    for (let name = waiting.shift(); name; name = waiting.shift()) await look(page, name);
    await page.close();
  }));
  const page = await browser.newPage({ viewport: DESK });
  // lookalike's reports are looked at, too: they are no site of chapters.
  if (names.some((name) => name.startsWith("serializers/"))) for (const act of [columns, counterparts, search]) await act(page);
  await followed();
  if (screenshots) await shoot(page);
  console.log(JSON.stringify({ pages: names.length, links: links.length, wrong }, null, 2));
} finally {
  await browser.close();
}

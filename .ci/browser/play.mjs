// Uses the playground in a real browser: `node play.mjs <its address> [<screenshot folder>]`.
//
// Prints what is wrong as a list in JSON: errors on the console, what axe finds in either theme, pages that are
// wider than a phone, and results that don't follow what is typed.

import { readFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { chromium } from "playwright-core";

const [address, screenshots] = process.argv.slice(2);
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const wrong = [];

async function audit(page, theme) {
  await page.emulateMedia({ colorScheme: theme });
  await page.evaluate(axe);
  const { violations } = await page.evaluate(() => window.axe.run(document, { preload: false, resultTypes: ["violations"] }));
  for (const { id, help, nodes } of violations) wrong.push(`${theme}: axe ${id}: ${help}: ${nodes[0].html.slice(0, 200)}`);
}

async function becomes(page, text) {
  await page.locator("#results", { hasText: text }).waitFor({ timeout: 10_000 }).catch(() => wrong.push(`results never showed: ${text}`));
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
try {
  const page = await browser.newPage({ viewport: { width: 1280, height: 900 }, bypassCSP: true }); // for axe
  page.on("console", (said) => { if (["error", "warning"].includes(said.type())) wrong.push(`console: ${said.text()}`); });
  page.on("pageerror", (error) => wrong.push(error.message));
  await page.goto(address);
  await page.selectOption("#schema", "booleans");
  await becomes(page, "/api/todos");
  await page.fill("#body", '"yes"');
  await becomes(page, "Must be a boolean.");
  await page.fill("#body", "[1,");
  await becomes(page, "This is not JSON");
  await page.click(".tries a >> nth=3");
  await becomes(page, "invalid_type");
  if (!page.url().includes("schema=booleans")) wrong.push(`the address can't be shared: ${page.url()}`);
  await page.selectOption("#schema", "todo");
  await becomes(page, "Find a box");
  await page.click(".tries a >> nth=1");
  await becomes(page, "unknown_property");
  for (const theme of ["light", "dark"]) {
    await audit(page, theme);
    for (const width of [390, 1280, 1920]) {
      await page.setViewportSize({ width, height: 900 });
      const overflow = await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
      if (overflow > 0) wrong.push(`${overflow} px wider than a window of ${width}`);
      if (screenshots) await page.screenshot({ path: path.join(screenshots, `play-${theme}-${width}.png`), fullPage: true });
    }
  }
  console.log(JSON.stringify(wrong));
} finally {
  await browser.close();
}

// Searches the page of wire differences as a reader would: `node wire.mjs <page> [<screenshot folder>]`.
//
// Prints as JSON how many differences are shown at each step, and errors of the page.

import path from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [file, screenshots] = process.argv.slice(2);
const address = pathToFileURL(path.resolve(file)).href;
const browser = await chromium.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium" });
const page = await browser.newPage();
const found = { errors: [] };
page.on("console", (said) => { if (["error", "warning"].includes(said.type())) found.errors.push(said.text()); });
page.on("pageerror", (error) => found.errors.push(error.message));

const shown = () => page.locator(".difference:visible").count();

await page.goto(address);
found.all = await shown();
found.said = await page.locator(".count").textContent();
await page.fill("#search", "trailing SLASH");
found.searched = await shown();
await page.fill("#search", "zzz");
found.none = await shown();
found.nothing = await page.locator(".nothing").isVisible();
await page.fill("#search", "");
await page.selectOption("#area", { index: 1 });
found.area = await shown();
found.areas = await page.locator(".area:visible").count();
await page.goto(`${address}#decimal`);
found.linked = await page.locator("#decimal").isVisible();
await page.goto("about:blank");
await page.goto(`${address}?q=decimal#x-frame-options`);
found.revealed = await page.locator("#x-frame-options").isVisible();
await page.goto("about:blank");
await page.goto(`${address}?q=decimal`);
found.asked = await shown();

const plain = await browser.newContext({ javaScriptEnabled: false });
const without = await plain.newPage();
await without.goto(address);
found.without = await without.locator(".difference:visible").count();
found.form = await without.locator(".filter").isVisible();

if (screenshots) {
  for (const width of [390, 1280, 1920]) {
    for (const colorScheme of ["light", "dark"]) {
      const view = await browser.newPage({ viewport: { width, height: 1000 }, colorScheme });
      await view.goto(address);
      await view.screenshot({ path: path.join(screenshots, `wire-${width}-${colorScheme}.png`) });
      await view.locator("#post-without-slash summary").click();
      await view.evaluate(() => document.getElementById("post-without-slash").scrollIntoView());
      await view.screenshot({ path: path.join(screenshots, `wire-${width}-${colorScheme}-row.png`) });
      await view.close();
    }
  }
}
await browser.close();
console.log(JSON.stringify(found));

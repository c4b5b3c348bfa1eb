// Photographs a part of a page of the site: `node shot.mjs <picture> <page> <selector> <theme> [<summary>]`.
//
// The picture begins above the element of the selector; what `summary` selects is opened before.

import path from "node:path";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [picture, page, start, theme, summary] = process.argv.slice(2);
const [file, query] = page.split("?");
const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM || "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
try {
  const view = await browser.newPage({ viewport: { width: 1180, height: 740 }, colorScheme: theme });
  await view.goto(pathToFileURL(path.resolve(file)).href + (query ? `?${query}` : ""));
  if (summary) await view.locator(summary).click();
  // What sticks to the top would hide what the picture is of.
  await view.addStyleTag({ content: ".filter { position: static !important; }" });
  await view.locator(start).evaluate((element) => scrollTo(0, element.getBoundingClientRect().top + scrollY - 12));
  await view.screenshot({ path: picture });
} finally {
  await browser.close();
}

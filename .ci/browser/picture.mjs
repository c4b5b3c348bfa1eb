// Draws the dashboards of two servers beside each other: `node picture.mjs <picture> <name>=<address> …`.
//
// At each address Alice logs in and completes the first of her todos; then it is photographed.

import { chromium } from "playwright-core";

const [picture, ...servers] = process.argv.slice(2);
const SIZE = { width: 620, height: 760 };

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
try {
  const shots = [];
  for (const server of servers) {
    const [name, address] = server.split("=");
    const page = await browser.newPage({ viewport: SIZE, colorScheme: "light" });
    await page.goto(`${address}/login`);
    await page.getByLabel("Username").fill("alice");
    await page.getByLabel("Password").fill("alice-demo-password");
    await page.getByRole("main").getByRole("button", { name: "Log in" }).click();
    await page.getByRole("button", { name: /^Complete: / }).first().click();
    await page.getByText(/^Completed: /).waitFor();
    shots.push({ name, image: (await page.screenshot()).toString("base64") });
    await page.close();
  }
  const page = await browser.newPage({ viewport: { width: (SIZE.width + 24) * shots.length + 24, height: SIZE.height + 80 } });
  const figures = shots.map(({ name, image }) => `<figure><figcaption>${name}</figcaption><img src="data:image/png;base64,${image}"></figure>`);
  await page.setContent(`<style>
    body { display: flex; gap: 24px; margin: 16px 24px; background: #d8dbe0; font: 600 20px system-ui, sans-serif; }
    figure { margin: 0; } figcaption { margin-bottom: 8px; } img { display: block; outline: 1px solid #9aa0a8; }
  </style>${figures.join("")}`);
  await page.screenshot({ path: picture });
} finally {
  await browser.close();
}

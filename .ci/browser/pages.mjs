// Visits the pages of the twins in a real browser, as a person does, and prints JSON.
//
// `node pages.mjs story <base url>` walks one story in several ways – by mouse, by keyboard alone; wide and
// narrow; light and dark – and opens the documentation without scripts. It lists what is wrong on each: steps
// that fail, what axe finds, errors on the console, requests to elsewhere, pages wider than the screen, controls
// that something else covers, focus that can't be seen.
// `node pages.mjs compare <base url> <base url> [<folder>]` holds two servers with the same demo data against
// each other, page by page: accessibility trees, texts, and pixels. Pictures go to the folder.

import { readFile, mkdir, writeFile } from "node:fs/promises";
import { createRequire } from "node:module";
import path from "node:path";
import { chromium } from "playwright-core";

const [mode, ...given] = process.argv.slice(2);
const axe = await readFile(createRequire(import.meta.url).resolve("axe-core/axe.min.js"), "utf8");
const PHONE = { width: 390, height: 844 };
const DESK = { width: 1280, height: 900 };
const PATIENCE = Number(process.env.PATIENCE ?? 60_000); // milliseconds; a bound against hangs

// What is wrong with how a page loads, whoever opens it.
function watch(page, base, wrong) {
  page.on("console", (said) => {
    // The status of the page itself is what the page is about.
    const isStatus = said.text().startsWith("Failed to load resource: the server responded with a status of") && said.location().url === page.url();
    if (["error", "warning"].includes(said.type()) && !isStatus) wrong.push(`console: ${said.text()} (${said.location().url})`);
  });
  page.on("pageerror", (error) => wrong.push(`error: ${error.message}`));
  page.on("requestfailed", (request) => {
    // The browser itself gives up what it is still loading, such as an icon, when the next page is asked for.
    const why = request.failure()?.errorText;
    if (why !== "net::ERR_ABORTED") wrong.push(`${request.url()} could not be loaded: ${why}`);
  });
  page.on("request", (request) => {
    if (!request.url().startsWith(`${base}/`) && !request.url().startsWith("data:")) wrong.push(`asks for ${request.url()}`);
  });
  page.on("response", (response) => {
    if (response.status() >= 400 && response.request().resourceType() !== "document") wrong.push(`${response.url()}: ${response.status()}`);
  });
}

// Two ways to use a page. Both know controls by their names alone, as people do.

class Mouse {
  constructor(page) {
    this.page = page;
  }
  async press(control) {
    await control.click();
  }
  async fill(field, text) {
    await field.fill(text);
  }
  async choose(field, label) {
    await field.selectOption({ label });
  }
}

class Keyboard {
  constructor(page, wrong) {
    this.page = page;
    this.wrong = wrong;
  }
  async focus(control) {
    // Found once: a locator would look up its role and name on the whole page again after each key.
    const found = await control.elementHandle();
    for (let tabs = 0; tabs < 120; tabs++) {
      const { isThere, isSeen } = await found.evaluate((element) => {
        const { outlineStyle, outlineWidth } = getComputedStyle(element);
        return { isThere: element === document.activeElement, isSeen: outlineStyle !== "none" && parseFloat(outlineWidth) >= 1 };
      });
      if (isThere) {
        if (!isSeen) this.wrong.push(`the focus can't be seen on ${control}`);
        return;
      }
      await this.page.keyboard.press("Tab");
    }
    throw new Error(`${control} can't be reached by the keyboard`);
  }
  async press(control) {
    await this.focus(control);
    await this.page.keyboard.press("Enter");
  }
  async fill(field, text) {
    await this.focus(field);
    if ((await field.getAttribute("type")) === "date") {
      const [year, month, day] = text.split("-");
      await this.page.keyboard.type(month + day + year);
    } else {
      await this.page.keyboard.press("Control+A");
      await this.page.keyboard.press("Delete");
      await this.page.keyboard.type(text);
    }
  }
  async choose(field, label) {
    await this.focus(field);
    await this.page.keyboard.type(label);
  }
}

async function violations(page, rulesToRun) {
  await page.evaluate(axe);
  // What is inside of `#swagger-ui` is Swagger UI's own, and nobody's here to mend: contrasts, a select without
  // a name, and a main in the page's own, for which axe blames the outer one.
  const rules = (await page.locator("#swagger-ui").count()) ? { "landmark-no-duplicate-main": { enabled: false } } : {};
  const options = { preload: false, resultTypes: ["violations"], rules, ...(rulesToRun && { runOnly: rulesToRun }) };
  const found = await page.evaluate((given) => window.axe.run({ exclude: ["#swagger-ui"] }, given), options);
  return found.violations.map(({ id, help, nodes }) => `axe ${id}: ${help}: ${nodes[0].html.slice(0, 200)} (${nodes.length} in all)`);
}

// Names what a page is made of. Another text in the same place is nothing new to axe.
function make(page) {
  return page.evaluate(() => {
    const parts = [...document.querySelectorAll("body *")].map((each) => [each.tagName, each.className, each.role, each.getAttribute("aria-invalid")].join());
    return [document.querySelector("h1").textContent, ...new Set(parts)].join(";");
  });
}

// Names a button that is less than four pixels from another one.
function buttonsThatTouch() {
  const all = [...document.querySelectorAll("main button, main a.button")].filter((each) => !each.closest("#swagger-ui"));
  const boxes = all.map((each) => each.getBoundingClientRect());
  const isNear = (a, b) => a.left < b.right + 4 && b.left < a.right + 4 && a.top < b.bottom + 4 && b.top < a.bottom + 4;
  return all.find((_, index) => boxes.some((box, other) => other > index && isNear(boxes[index], box)))?.textContent;
}

// Names a control that no pointer reaches, as something else covers it.
function coveredControl() {
  const all = [...document.querySelectorAll("a[href], button, input:not([type=hidden]), select, textarea")];
  const shown = all.filter((each) => each.checkVisibility() && !each.closest("#swagger-ui") && !each.classList.contains("skip"));
  const place = [scrollX, scrollY];
  const covered = shown.find((each) => {
    each.scrollIntoView({ block: "center", behavior: "instant" });
    const [{ left, top, width, height }] = each.getClientRects();
    return !each.contains(document.elementFromPoint(left + width / 2, top + height / 2));
  });
  scrollTo(...place);
  return covered?.outerHTML.slice(0, 200);
}

// One visitor: what they do, and what is wrong on the way. `rules` are axe's that are asked: all, or some.
class Visitor {
  constructor(page, base, hand, wrong, looks, rules) {
    Object.assign(this, { page, base, hand, wrong, looks, rules });
    this.main = page.getByRole("main");
    this.account = page.getByRole("navigation", { name: "Account" });
  }
  open(address) {
    return this.page.goto(this.base + address);
  }
  link(name, where = this.main) {
    return this.hand.press(where.getByRole("link", { name, exact: true }));
  }
  button(name, where = this.main) {
    return this.hand.press(where.getByRole("button", { name, exact: true }));
  }
  fill(label, text) {
    return this.hand.fill(this.main.getByLabel(label, { exact: true }), text);
  }
  choose(label, option) {
    return this.hand.choose(this.main.getByRole("combobox", { name: label, exact: true }), option);
  }
  // Waits for what a step leads to, and looks at the page that shows it.
  async sees(heading, text) {
    await this.page.getByRole("heading", { level: 1, name: heading, exact: true }).waitFor();
    if (text) await this.main.getByText(text, { exact: true }).first().waitFor();
    await this.page.waitForLoadState("load");
    const excess = await this.page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth);
    if (excess > 0) this.wrong.push(`${heading}: ${excess} px wider than the screen`);
    const touching = await this.page.evaluate(buttonsThatTouch);
    if (touching) this.wrong.push(`${heading}: ${touching} can't be told from its neighbour by a finger`);
    const covered = await this.page.evaluate(coveredControl);
    if (covered) this.wrong.push(`${heading}: something covers ${covered}`);
    if (!this.looks) return;
    const look = await make(this.page);
    if (this.looks.has(look)) return;
    this.looks.add(look);
    for (const violation of await violations(this.page, this.rules)) this.wrong.push(`${heading}, ${text ?? ""}: ${violation}`);
  }
  // What is wrong in a field is said beside it, and the field says where.
  async isTold(heading, label, text) {
    await this.sees(heading, text);
    const field = this.main.getByLabel(label, { exact: true });
    const told = await field.evaluate((element) => {
      const ids = (element.getAttribute("aria-describedby") ?? "").split(" ");
      return [element.getAttribute("aria-invalid"), ...ids.map((id) => document.getElementById(id)?.textContent.trim())];
    });
    this.expect(told[0] === "true" && told.slice(1).includes(text), `${label} isn't described by “${text}”: ${told}`);
  }
  expect(condition, otherwise) {
    if (!condition) throw new Error(otherwise);
  }
}

async function story(v, name) {
  const password = `${name}-password`;
  await v.open("/");
  await v.sees("Catalogue");
  if (v.hand instanceof Keyboard) {
    await v.page.keyboard.press("Tab");
    await v.page.keyboard.press("Enter"); // the skip link is first
    await v.page.keyboard.press("Tab");
    const isInside = await v.page.evaluate(() => document.querySelector("main").contains(document.activeElement));
    v.expect(isInside, "the skip link does not lead to what the page is about");
  }

  // Register.
  await v.link("Dashboard", v.page.getByRole("navigation", { name: "Main" }));
  await v.sees("Log in");
  await v.link("Register");
  await v.sees("Register");
  await v.fill("Username", "No Name");
  await v.fill("Email", `${name}@example.com`);
  await v.fill("Password", "short");
  await v.button("Register");
  await v.isTold("Register", "Password", "Must have 8 or more characters.");
  await v.isTold("Register", "Username", "Must consist of lower-case letters a to z, digits and underscores.");
  v.expect((await v.main.getByLabel("Username").inputValue()) === "No Name", "the username is not kept");
  v.expect((await v.main.getByLabel("Password").inputValue()) === "", "the password is sent back");
  await v.fill("Username", name);
  await v.fill("Password", password);
  await v.button("Register");
  await v.sees("Dashboard", `Welcome, ${name}.`);

  // Log in, and back to where one was going.
  await v.button("Log out", v.account);
  await v.sees("Catalogue", "You are logged out.");
  await v.open("/dashboard?status=all");
  await v.sees("Log in");
  await v.fill("Username", name);
  await v.fill("Password", "not my password");
  await v.button("Log in");
  await v.page.getByRole("alert").waitFor();
  await v.sees("Log in");
  await v.fill("Password", password);
  await v.button("Log in");
  await v.sees("Dashboard", "Nothing to do.");
  v.expect(v.page.url() === `${v.base}/dashboard?status=all`, `led to ${v.page.url()}`);

  // Add a todo, complete it, filter.
  await v.button("Add");
  await v.isTold("Dashboard", "Title", "Must have 1 or more characters.");
  await v.fill("Title", "Paint the fence");
  await v.choose("Priority", "High");
  await v.fill("Due on", "2030-01-31");
  await v.fill("Tags", "garden home");
  await v.fill("Checklist", "Buy paint\nSand it\nPaint it");
  await v.button("Add");
  await v.sees("Dashboard", "Added: Paint the fence");
  await v.sees("Dashboard", "High priority · due 2030-01-31 23:59 UTC · garden, home");
  await v.button("Complete: Paint the fence");
  await v.sees("Dashboard", "Completed: Paint the fence");
  await v.sees("Dashboard", "Nothing to do.");
  await v.choose("Show", "Done");
  await v.button("Show");
  await v.page.waitForURL(/status=done/);
  await v.sees("Dashboard", "Paint the fence");
  await v.button("Reopen: Paint the fence");
  await v.sees("Dashboard", "Reopened: Paint the fence");

  // Reorder its checklist.
  await v.button("Move up: Paint it");
  await v.sees("Dashboard", "Moved: Paint it");
  await v.button("Move down: Buy paint");
  await v.sees("Dashboard", "Moved: Buy paint");
  const steps = await v.main.locator("ol > li").evaluateAll((items) => items.map((item) => item.firstChild.textContent.trim()));
  v.expect(steps.join() === "Paint it,Buy paint,Sand it", `the steps are ${steps}`);

  // Delete it, after a second thought.
  await v.link("Delete: Paint the fence");
  await v.sees("Delete a todo", "Delete “Paint the fence”? This can’t be undone.");
  await v.link("Cancel");
  await v.sees("Dashboard", "Paint the fence");
  await v.link("Delete: Paint the fence");
  await v.button("Delete");
  await v.sees("Dashboard", "Deleted: Paint the fence");
  await v.sees("Dashboard", "Nothing to do.");
  return password;
}

async function accountStory(v, name, password) {
  const get = async (secret) => (await fetch(`${v.base}/api/users/me`, { headers: { Authorization: `Bearer ${secret}` } })).status;
  await v.link(name, v.account);
  await v.sees("Account", "No tokens.");
  await v.fill("Email", "nobody");
  await v.button("Change email");
  await v.page.locator("#email-errors").waitFor();
  await v.sees("Account");
  await v.fill("Email", `${name}@example.org`);
  await v.button("Change email");
  await v.sees("Account", "Your email is changed.");

  await v.button("Make a token");
  await v.sees("Your new token", "Copy it now: it is shown only once.");
  const secret = await v.main.locator("code").textContent();
  v.expect((await get(secret)) === 200, "the token is of no use");
  await v.link("Back to your account");
  await v.sees("Account");
  v.expect(!(await v.page.content()).includes(secret), "the token is shown again");
  await v.button("Revoke");
  await v.sees("Account", "The token is revoked.");
  v.expect((await get(secret)) === 401, "the token is not revoked");

  await v.fill("Current password", "not my password");
  await v.fill("New password", `${password}!`);
  await v.button("Change password");
  await v.isTold("Account", "Current password", "Must be the current password.");
  await v.fill("Current password", password);
  await v.fill("New password", `${password}!`);
  await v.button("Change password");
  await v.sees("Account", "Your password is changed. You are logged out everywhere else.");

  await v.link("Close the account");
  await v.sees("Close your account");
  await v.fill("Password", password);
  await v.button("Close the account");
  await v.isTold("Close your account", "Password", "Must be the current password.");
  await v.fill("Password", `${password}!`);
  await v.button("Close the account");
  await v.sees("Catalogue", "Your account is closed.");
}

async function staffStory(v) {
  await v.link("Log in", v.account);
  await v.sees("Log in");
  await v.fill("Username", "sam");
  await v.fill("Password", "sam-demo-password");
  await v.button("Log in");
  await v.sees("Dashboard");
  await v.link("Catalogue", v.page.getByRole("navigation", { name: "Main" }));
  await v.sees("Catalogue");
  await v.fill("Search", "mug, red");
  await v.button("Search");
  await v.page.waitForURL(/q=mug/);
  await v.link("Stoneware mug, red");
  await v.sees("Stoneware mug, red");
  const stock = parseInt(await v.main.locator("dd").nth(3).textContent(), 10);
  await v.fill("Change", "-9999");
  await v.button("Move stock");
  await v.page.locator("#delta-errors").waitFor();
  await v.sees("Stoneware mug, red");
  await v.fill("Change", "+3");
  await v.choose("Reason", "Returned");
  await v.fill("Note", "Wrong colour");
  await v.button("Move stock");
  await v.sees("Stoneware mug, red", `Stock is now ${stock + 3}.`);
  const [, change, reason, note, balance, by] = await v.main.locator("tbody tr").first().locator("td").allTextContents();
  v.expect([change, reason, note, balance, by].join() === `+3,Returned,Wrong colour,${stock + 3},sam`, "the movement is not the first of the history");
  await v.open("/nonsense");
  await v.sees("Not found");
  await v.link("Back to the catalogue");
  await v.sees("Catalogue");
  await v.button("Log out", v.account);
  await v.sees("Catalogue", "You are logged out.");
}

// The documentation, tried with a token that is pasted; without scripts it leads to the contract.
async function docsStory(v, hasScripts) {
  await v.link("API docs", v.page.getByRole("navigation", { name: "Main" }));
  if (!hasScripts) {
    await v.sees("API documentation");
    await v.page.getByRole("link", { name: "/api/openapi.yaml" }).waitFor();
    return;
  }
  await v.page.locator("#swagger-ui .opblock").first().waitFor();
  await v.sees("API documentation");
  if (!(v.hand instanceof Mouse)) return;
  const login = { method: "POST", headers: { "Content-Type": "application/json" }, body: JSON.stringify({ username: "alice", password: "alice-demo-password" }) };
  const { token } = await (await fetch(`${v.base}/api/tokens`, login)).json();
  const ui = v.page.locator("#swagger-ui");
  await ui.getByRole("button", { name: "Authorize" }).first().click();
  await ui.locator(".auth-container input").first().fill(token);
  await ui.locator(".auth-btn-wrapper .authorize").first().click();
  await ui.locator(".auth-btn-wrapper .btn-done").first().click();
  await ui.locator("#operations-users-getCurrentUser button.opblock-summary-control").click();
  await ui.locator(".try-out__btn").first().click();
  await ui.getByRole("button", { name: "Execute" }).click();
  await ui.locator(".live-responses-table .response-col_status").getByText("200").first().waitFor();
  await ui.locator(".live-responses-table").getByText("alice@example.com").first().waitFor();
}

// What depends on the theme and the width; the other rules see the same page again.
const RULES_OF_LOOKS = ["color-contrast", "scrollable-region-focusable", "link-in-text-block", "css-orientation-lock"];

const WAYS = {
  "by mouse, 1280 px, light": { Hand: Mouse, viewport: DESK, colorScheme: "light", javaScriptEnabled: true },
  "by keyboard alone, 390 px, dark": { Hand: Keyboard, viewport: PHONE, colorScheme: "dark", javaScriptEnabled: true, rules: RULES_OF_LOOKS },
  "the documentation without scripts, 390 px, light": { Hand: Mouse, viewport: PHONE, colorScheme: "light", javaScriptEnabled: false },
};

async function stories(browser, [base]) {
  const found = {};
  let number = 0;
  for (const [way, { Hand, rules, ...options }] of Object.entries(WAYS)) {
    const wrong = [];
    const context = await browser.newContext({ ...options, locale: "en-US" });
    context.setDefaultTimeout(PATIENCE);
    const page = await context.newPage();
    watch(page, base, wrong);
    const looks = options.javaScriptEnabled ? new Set() : null;
    const v = new Visitor(page, base, new Hand(page, wrong), wrong, looks, rules);
    const name = `visitor_${Date.now().toString(36)}_${number++}`;
    try {
      // Only the documentation has a script, as contract_tests/pages/test_headers.py and visitor.py hold: to
      // a browser that runs none, every other page is the same.
      if (options.javaScriptEnabled) {
        const password = await story(v, name);
        await accountStory(v, name, password);
        await staffStory(v);
      } else {
        await v.open("/");
      }
      await docsStory(v, options.javaScriptEnabled);
    } catch (error) {
      const shown = await page.getByRole("main").innerText().catch(() => "nothing");
      wrong.push(`${error.message}\n${error.stack.match(/pages\.mjs:\d+/g)?.join(" < ")}\n${page.url()} shows:\n${shown.slice(0, 1500)}`);
    }
    found[way] = { wrong, audits: looks?.size ?? 0 };
    await context.close();
  }
  return found;
}

// Both servers, page by page

const ID = /[0-9a-f]{8}(?:-[0-9a-f]{4}){3}-[0-9a-f]{12}/g;
const TIME = /\d{4}-\d\d-\d\d \d\d:\d\d UTC/g;
const DAY = 24 * 60 * 60 * 1000;
const SKIPPED_ROLES = new Set(["InlineTextBox", "none", "generic", "ListMarker"]);
const PROPERTIES = ["level", "invalid", "checked", "selected", "disabled", "readonly", "required", "multiline", "expanded", "focusable", "url"];

// What only differs because each server makes its own: ids by their first appearance, and what is of just now.
class Alignment {
  constructor(base) {
    this.base = base;
    this.ids = new Map();
  }
  apply(text) {
    return text
      .replaceAll(this.base, "")
      .replace(ID, (id) => {
        if (!this.ids.has(id)) this.ids.set(id, `ID-${this.ids.size}`);
        return this.ids.get(id);
      })
      .replace(TIME, (time) => (isNew(time) ? "JUST NOW" : time));
  }
}

// Just now, or in as many days as tokens last.
function isNew(time) {
  const ago = Date.now() - Date.parse(time.replace(" UTC", "Z").replace(" ", "T"));
  return ago < DAY && ago > -31 * DAY;
}

// The accessibility tree as the browser gives it to a screen reader, a line for each node.
async function tree(page) {
  const session = await page.context().newCDPSession(page);
  const { nodes } = await session.send("Accessibility.getFullAXTree");
  await session.detach();
  const byId = new Map(nodes.map((node) => [node.nodeId, node]));
  const lines = [];
  const visit = (node, depth) => {
    const role = node.role?.value;
    const name = (node.name?.value ?? "").replace(/\s+/g, " ").trim();
    const isShown = !node.ignored && !SKIPPED_ROLES.has(role) && (role !== "StaticText" || name);
    if (isShown) {
      const properties = (node.properties ?? []).filter(({ name: each }) => PROPERTIES.includes(each)).map(({ name: each, value }) => `${each}=${value.value}`);
      const more = [node.description?.value && `described as ${node.description.value}`, node.value?.value !== undefined && `value ${node.value.value}`, ...properties];
      lines.push(`${"  ".repeat(depth)}${role} ${JSON.stringify(name)} ${more.filter(Boolean).join(" ")}`.trimEnd());
    }
    for (const id of node.childIds ?? []) if (byId.has(id)) visit(byId.get(id), depth + (isShown ? 1 : 0));
  };
  visit(nodes[0], 0);
  return lines;
}

function hasText(page) {
  return page.evaluate(() => `${document.title}\n${document.documentElement.lang}\n${document.body.innerText}`);
}

// Makes a picture that can be compared: what is of just now and what is secret gives way to fixed texts.
async function picture(page) {
  const times = page.locator("time");
  const isNewOne = (await times.allTextContents()).map(isNew);
  await times.evaluateAll((all, areNew) => all.forEach((time, index) => areNew[index] && (time.textContent = "2026-01-01 00:00 UTC")), isNewOne);
  await page.locator("code.secret").evaluateAll((all) => all.forEach((secret) => (secret.textContent = "x".repeat(43))));
  return page.screenshot({ fullPage: true, animations: "disabled" });
}

// The share of pixels that differ, of the larger picture; the browser itself reads both.
function share(page, one, other) {
  return page.evaluate(
    async ([first, second]) => {
      const read = async (data) => {
        const image = await createImageBitmap(await (await fetch(`data:image/png;base64,${data}`)).blob());
        const context = new OffscreenCanvas(image.width, image.height).getContext("2d");
        context.drawImage(image, 0, 0);
        return { width: image.width, height: image.height, pixels: new Uint32Array(context.getImageData(0, 0, image.width, image.height).data.buffer) };
      };
      const [a, b] = [await read(first), await read(second)];
      const width = Math.max(a.width, b.width);
      const height = Math.max(a.height, b.height);
      let differing = 0;
      for (let y = 0; y < height; y++) {
        for (let x = 0; x < width; x++) {
          const inBoth = x < a.width && x < b.width && y < a.height && y < b.height;
          if (!inBoth || a.pixels[y * a.width + x] !== b.pixels[y * b.width + x]) differing++;
        }
      }
      return differing / (width * height);
    },
    [one.toString("base64"), other.toString("base64")],
  );
}

function at(address) {
  return (v) => v.open(address);
}

async function loggedIn(v, name) {
  await v.page.context().clearCookies();
  await v.open("/login");
  await v.fill("Username", name);
  await v.fill("Password", `${name}-demo-password`);
  await v.button("Log in");
  await v.sees("Dashboard");
}

// Every page, with its errors and messages; in this order, as some change what others show.
const STATES = {
  catalogue: at("/"),
  "second page": (v) => v.link("Next page"),
  filtered: at("/?q=mug&category=kitchen&min_price=5&max_price=100&in_stock=true&sort=price"),
  "nothing found": at("/?q=nonsense"),
  "wrong filters": at("/?min_price=x&max_price=-1&sort=weight&in_stock=perhaps"),
  "wrong cursor": at("/?cursor=x"),
  "broken query": at("/?q=%FF"),
  product: at("/products/MUG-RED"),
  "unknown product": at("/products/NOTHING"),
  "not found": at("/nonsense"),
  "method not allowed": at("/logout"),
  docs: async (v) => {
    await v.open("/docs");
    await v.page.locator("#swagger-ui .opblock").first().waitFor();
    await v.page.locator("#swagger-ui").evaluate((element) => element.replaceChildren()); // of two versions
  },
  register: at("/register"),
  "register, empty": (v) => v.button("Register"),
  "register, wrong": async (v) => {
    await v.fill("Username", "No Name");
    await v.fill("Email", "nobody");
    await v.fill("Password", "short");
    await v.button("Register");
    await v.page.locator("#password-errors").waitFor();
  },
  "register, taken": async (v) => {
    await v.fill("Username", "alice");
    await v.fill("Email", "Alice@example.com");
    await v.fill("Password", "a long password");
    await v.button("Register");
    await v.page.locator("#username-errors").waitFor();
  },
  "log in": at("/login?next=/account"),
  "log in, empty": (v) => v.button("Log in"),
  "log in, wrong": async (v) => {
    await v.fill("Username", "alice");
    await v.fill("Password", "not hers");
    await v.button("Log in");
    await v.page.getByRole("alert").waitFor();
  },
  "forged form": async (v) => {
    await v.page.locator("input[name^=csrf]").evaluate((field) => (field.value = "x"));
    await v.button("Log in");
    await v.sees("Forbidden");
  },
  dashboard: (v) => loggedIn(v, "alice"),
  "dashboard, all": at("/dashboard?status=all"),
  "dashboard, second page": async (v) => {
    const next = v.main.getByRole("link", { name: "Next page" });
    if (await next.count()) await next.click();
  },
  "dashboard, overdue": at("/dashboard?status=overdue"),
  "dashboard, done": at("/dashboard?status=done&q=a"),
  "dashboard, nothing": at("/dashboard?q=nonsense"),
  "dashboard, wrong": at("/dashboard?status=perhaps&cursor=x"),
  "todo, empty": (v) => v.open("/dashboard").then(() => v.button("Add")),
  "todo, wrong": async (v) => {
    await v.fill("Title", "x".repeat(201));
    await v.fill("Tags", "Not_a_tag no! no!");
    await v.fill("Checklist", `${"y".repeat(301)}\nfine`);
    await v.button("Add");
    await v.page.locator("#tags-errors").waitFor();
  },
  "todo, added": async (v) => {
    await v.open("/dashboard");
    await v.fill("Title", "Paint <b>the</b> fence & “gate”");
    await v.choose("Priority", "Urgent");
    await v.fill("Due on", "2020-02-29");
    await v.fill("Tags", "garden home garden");
    await v.fill("Checklist", "Buy paint\n\n Sand it \nPaint it");
    await v.button("Add");
    await v.page.getByRole("status").getByText("Added").waitFor();
  },
  "item, moved": async (v) => {
    await v.button("Move up: Sand it");
    await v.page.getByRole("status").getByText("Moved").waitFor();
  },
  "todo, completed": async (v) => {
    await v.button("Complete: Paint <b>the</b> fence & “gate”");
    await v.page.getByRole("status").getByText("Completed").waitFor();
  },
  "todo, to be deleted": async (v) => {
    await v.open("/dashboard?status=all");
    await v.link("Delete: Paint <b>the</b> fence & “gate”");
    await v.sees("Delete a todo");
  },
  "todo, deleted": async (v) => {
    await v.button("Delete");
    await v.page.getByRole("status").getByText("Deleted").waitFor();
  },
  account: at("/account"),
  "email, wrong": async (v) => {
    await v.fill("Email", "bob@example.com");
    await v.button("Change email");
    await v.page.locator("#email-errors").waitFor();
  },
  "password, wrong": async (v) => {
    await v.fill("Current password", "not hers");
    await v.fill("New password", "a long password");
    await v.button("Change password");
    await v.page.locator("#current_password-errors").waitFor();
  },
  "new token": async (v) => {
    await v.open("/account");
    await v.button("Make a token");
    await v.sees("Your new token");
  },
  "account with tokens": (v) => v.link("Back to your account"),
  "close, wrong": async (v) => {
    await v.open("/account/close");
    await v.fill("Password", "not hers");
    await v.button("Close the account");
    await v.page.locator("#password-errors").waitFor();
  },
  "for staff only": async (v) => {
    // By the product's own form, which only staff see.
    await v.open("/account/close");
    await v.page.locator("main form").evaluate((form) => (form.action = "/products/MUG-RED"));
    await v.button("Close the account");
    await v.sees("Forbidden");
  },
  "logged out": async (v) => {
    await v.button("Log out", v.account);
    await v.page.getByRole("status").getByText("You are logged out.").waitFor();
  },
  "product, for staff": async (v) => {
    await loggedIn(v, "sam");
    await v.open("/products/MUG-BLUE");
  },
  "catalogue, for staff": at("/"),
  "stock, wrong": async (v) => {
    await v.open("/products/MUG-BLUE");
    await v.fill("Change", "-9999");
    await v.fill("Note", "x".repeat(501));
    await v.button("Move stock");
    await v.page.locator("#delta-errors, #note-errors").first().waitFor();
  },
  "stock, moved": async (v) => {
    await v.open("/products/MUG-BLUE");
    await v.fill("Change", "+3");
    await v.choose("Reason", "Returned");
    await v.button("Move stock");
    await v.page.getByRole("status").waitFor();
  },
};

const LOOKS = { "1280 px, light": [DESK, "light"], "390 px, dark": [PHONE, "dark"] };

// One server's state after the last step: its tree, its text, and its pictures.
async function shown(v, alignment) {
  await v.page.waitForLoadState("load");
  const found = { tree: (await tree(v.page)).map((line) => alignment.apply(line)), text: alignment.apply(await hasText(v.page)), pictures: {} };
  for (const secret of await v.page.locator("code.secret").allTextContents()) {
    found.tree = found.tree.map((line) => line.replaceAll(secret, "SECRET"));
    found.text = found.text.replaceAll(secret, "SECRET");
  }
  for (const [look, [size, colorScheme]] of Object.entries(LOOKS)) {
    await v.page.setViewportSize(size);
    await v.page.emulateMedia({ colorScheme });
    found.pictures[look] = await picture(v.page);
  }
  return found;
}

function firstDifference(one, other) {
  const place = one.findIndex((line, index) => line !== other[index]);
  const line = place < 0 ? one.length : place;
  return `${one[line] ?? "(nothing)"} | ${other[line] ?? "(nothing)"}`;
}

async function compare(browser, [first, second, folder]) {
  const wrong = [];
  const judge = await browser.newPage();
  const sides = await Promise.all(
    [first, second].map(async (base) => {
      const context = await browser.newContext({ viewport: DESK, locale: "en-US", reducedMotion: "reduce" });
      context.setDefaultTimeout(PATIENCE);
      const page = await context.newPage();
      return { v: new Visitor(page, base, new Mouse(page), wrong, null), alignment: new Alignment(base) };
    }),
  );
  if (folder) await mkdir(folder, { recursive: true });
  const differing = {};
  const seen = new Map();
  let lines = 0;
  for (const [name, step] of Object.entries(STATES)) {
    const [one, other] = await Promise.all(
      sides.map(async ({ v, alignment }) => {
        await v.page.setViewportSize(DESK);
        await step(v);
        return shown(v, alignment);
      }),
    );
    lines += one.tree.length;
    if (one.tree.join("\n") !== other.tree.join("\n")) wrong.push(`${name}: the trees differ: ${firstDifference(one.tree, other.tree)}`);
    if (one.text !== other.text) wrong.push(`${name}: the texts differ: ${firstDifference(one.text.split("\n"), other.text.split("\n"))}`);
    for (const look of Object.keys(LOOKS)) {
      const [a, b] = [one.pictures[look], other.pictures[look]];
      differing[`${name}, ${look}`] = a.equals(b) ? 0 : await share(judge, a, b);
      if (folder) {
        const file = `${name} ${look}`.replace(/[^a-z0-9]+/g, "-");
        await writeFile(path.join(folder, `${file}-1.png`), a);
        await writeFile(path.join(folder, `${file}-2.png`), b);
      }
    }
    seen.set(name, one);
  }
  // A measure that finds two other pages alike would find everything alike.
  const [catalogue, login] = [seen.get("catalogue"), seen.get("log in")];
  const control = await share(judge, catalogue.pictures["1280 px, light"], login.pictures["1280 px, light"]);
  return { states: seen.size, lines, differing, control, wrong };
}

const browser = await chromium.launch({
  executablePath: process.env.CHROMIUM ?? "/usr/bin/chromium",
  args: ["--no-sandbox", "--disable-gpu", "--disable-quic", "--no-first-run", "--disable-background-networking", "--disable-component-update", "--disable-sync"],
});
try {
  console.log(JSON.stringify(await { story: stories, compare }[mode](browser, given), null, 2));
} finally {
  await browser.close();
}

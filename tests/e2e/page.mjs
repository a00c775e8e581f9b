// Opens an HTML report in Chromium as a person would, and prints what it saw as JSON: node page.mjs FILE CHROMIUM
import { readFileSync } from "node:fs";
import { createRequire } from "node:module";
import { pathToFileURL } from "node:url";
import { chromium } from "playwright-core";

const [file, executablePath] = process.argv.slice(2);
const axe = readFileSync(createRequire(import.meta.url).resolve("axe-core"), "utf8");
const args = ["--no-sandbox", "--disable-gpu", "--disable-background-networking"];
const browser = await chromium.launch({ executablePath, args });
const saw = { requests: [], errors: [], violations: {} };

async function opened(options) {
  const page = await browser.newPage({ viewport: { width: 1200, height: 900 }, ...options });
  page.on("request", (request) => saw.requests.push(request.url()));
  page.on("console", (message) => saw.errors.push(message.text()));
  page.on("pageerror", (error) => saw.errors.push(error.message));
  await page.goto(pathToFileURL(file).href);
  return page;
}
const told = (page) => page.locator("#shown").textContent();
const cards = (page) => page.locator("article").count();

const began = performance.now();
let page = await opened({});
await page.locator("#shown:not(:empty)").waitFor();
saw.milliseconds = Math.round(performance.now() - began);
saw.title = await page.title();
saw.headings = await page.locator("h2:visible").allTextContents();
saw.all = await told(page);
saw.cards = await cards(page);

if (saw.cards) {
  await page.locator("#filter").getByLabel("Search").fill("src/file3.py");
  saw.searched = await told(page);
  await page.getByRole("button", { name: "Clear" }).click();
  await page.waitForFunction((all) => document.getElementById("shown").textContent === all, saw.all);
  const severity = page.locator("#filter").getByLabel("Severity");
  await severity.selectOption(await severity.locator("option").last().getAttribute("value"));
  saw.mildest = await told(page);
  saw.badges = [...new Set(await page.locator("article .badge").allTextContents())];
  await page.locator("#counts button").first().click();
  saw.pressed = await page.locator("#counts button[aria-pressed=true]").allTextContents();
  await severity.selectOption("");
  await page.locator("#filter").getByLabel("Target").selectOption("workspace");
  saw.workspace = await told(page);
  await page.getByRole("button", { name: "Clear" }).click();
  // By keyboard alone: past the link to the findings, to the first of them, open it.
  await page.locator("article").first().waitFor();
  await page.locator("#findings").focus();
  for (let n = 0; n < 6; n++) await page.keyboard.press("Tab");
  await page.keyboard.press("Enter");
  await page.locator("article details[open] .body").first().waitFor();
  saw.open = await page.locator("article details[open] .body").allTextContents();
  saw.layers = await page.locator(".stack > li").allTextContents();
  saw.commits = await page.locator(".line > li").allTextContents();
  saw.first = await page.locator("#first li h3").allTextContents();
  const more = page.locator("#more");
  if (await more.isVisible()) {
    await more.click();
    saw.after = await cards(page);
  }
  const last = await page.evaluate(() => JSON.parse(document.getElementById("data").textContent).findings.at(-1).id);
  await page.evaluate((id) => { location.hash = id; }, last);
  await page.locator(`[id="${last}"] details[open] .body`).waitFor();
  saw.followed = await page.evaluate(() => document.activeElement.closest("article").id) === last;
  await page.evaluate(() => window.dispatchEvent(new Event("beforeprint")));
  saw.links = await page.evaluate(() => [...new Set([...document.querySelectorAll("a:not([href^='#'])")].map((a) => a.protocol))]);
  saw.printed = await page.locator("article details[open] .body").count();
}
await page.close();

for (const colorScheme of ["light", "dark"]) {
  for (const width of [1200, 360]) {
    page = await opened({ colorScheme, viewport: { width, height: 900 } });
    if (saw.cards) await page.locator("article summary").first().click();
    await page.evaluate(axe);
    const found = await page.evaluate(() => axe.run(document, { runOnly: ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"] }));
    saw.violations[`${colorScheme} ${width}`] = found.violations.map((v) => `${v.id}: ${v.nodes[0].html} ${v.nodes[0].failureSummary}`);
    saw.wide = Math.max(saw.wide || 0, await page.evaluate(() => document.documentElement.scrollWidth - document.documentElement.clientWidth));
    await page.close();
  }
}
await browser.close();
process.stdout.write(JSON.stringify(saw));

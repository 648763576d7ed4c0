// Opens pages in Chromium, light and dark, on a screen and on a phone: how long until something is seen and until all is loaded, what axe-core objects to, what a page asks the network for.
// Usage, in a folder with puppeteer-core and axe-core (make check-page sets it up): node page.mjs PAGE[#place] ...   CHROMIUM names the browser.
import { createRequire } from "node:module";
import { readFileSync } from "node:fs";
import { resolve } from "node:path";
import { pathToFileURL } from "node:url";

const require = createRequire(`${process.cwd()}/`), puppeteer = require("puppeteer-core"), axe = readFileSync(require.resolve("axe-core/axe.min.js"), "utf8");
const SECOND = 1000, RUNS = 5, SCREENS = [[1280, 900], [390, 844]], RULES = ["wcag2a", "wcag2aa", "wcag21a", "wcag21aa", "wcag22aa", "best-practice"];
const median = values => values.sort((a, b) => a - b)[Math.floor(values.length / 2)];
const browser = await puppeteer.launch({ executablePath: process.env.CHROMIUM || "/usr/bin/chromium", args: ["--no-sandbox", "--disable-gpu"], protocolTimeout: 600000 });
let faults = 0;
const say = (fine, text) => { console.log(`${fine ? "fine " : "FAULT"} ${text}`); faults += !fine; };

for (const argument of process.argv.slice(2)) {
  const [path, place] = argument.split("#"), url = pathToFileURL(resolve(path)).href + (place ? `#${place}` : "");
  const times = { seen: [], loaded: [] };
  for (let run = 0; run < RUNS; run++) {
    const page = await browser.newPage();
    await page.goto(url, { waitUntil: "load" });
    await new Promise(done => setTimeout(done, 500));
    const [seen, loaded] = await page.evaluate(() => [performance.getEntriesByName("first-contentful-paint")[0].startTime, performance.getEntriesByType("navigation")[0].loadEventEnd]);
    times.seen.push(seen); times.loaded.push(loaded);
    await page.close();
  }
  say(median(times.loaded) < SECOND, `${argument}: seen after ${Math.round(median(times.seen))} ms, loaded after ${Math.round(median(times.loaded))} ms (median of ${RUNS})`);
  for (const [width, height] of SCREENS) for (const scheme of ["light", "dark"]) {
    const page = await browser.newPage(), asked = [], errors = [];
    page.on("request", request => { if (!/^(file|data|blob):/.test(request.url())) asked.push(request.url()); });
    page.on("pageerror", error => errors.push(error.message));
    await page.setViewport({ width, height });
    await page.emulateMediaFeatures([{ name: "prefers-color-scheme", value: scheme }]);
    await page.goto(url, { waitUntil: "load" });
    await new Promise(done => setTimeout(done, 2000));
    await page.evaluate(axe);
    const [violations, wide] = await page.evaluate(async rules => {
      const all = document.createElement("style"); all.textContent = "* { content-visibility: visible !important; }"; document.head.append(all);
      const found = (await axe.run(document, { resultTypes: ["violations"], runOnly: { type: "tag", values: rules } })).violations;
      return [found.map(v => `${v.id} (${v.nodes.length}): ${v.nodes[0].html.slice(0, 120)}`), document.documentElement.scrollWidth - innerWidth];
    }, RULES);
    const where = `${argument}: ${width} pixels, ${scheme}`;
    say(!violations.length, `${where}: ${violations.length} violations${violations.map(v => `\n      ${v}`).join("")}`);
    if (asked.length || errors.length || wide > 0) say(false, `${where}: asked for ${asked.length} addresses, ${errors.length} errors, ${Math.max(0, wide)} pixels too wide ${[...asked, ...errors].slice(0, 3).join(" ")}`);
    await page.close();
  }
}
await browser.close();
process.exit(faults ? 1 : 0);

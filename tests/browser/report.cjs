// The report as a person uses it: it loads nothing and complains of nothing, filter and sort work, by keyboard too, it
// fits a phone, and axe finds nothing against it in light or dark.
'use strict';
const assert = require('node:assert/strict');
const { readFileSync } = require('node:fs');
const { pathToFileURL } = require('node:url');
const { chromium } = require('playwright-core');

const [executablePath, file] = process.argv.slice(2);
const args = [
  '--no-sandbox', '--disable-gpu', '--disable-quic', '--no-first-run', '--disable-background-networking',
  '--disable-component-update', '--disable-sync',
];

const visible = (page, section) => page.locator(`#${section} tbody tr:visible`).count();
const firstOf = (page, section) => page.locator(`#${section} tbody tr:visible th`).first().textContent();

const tests = {
  async 'it loads nothing but itself and complains of nothing'({ requests, complaints }) {
    assert.deepEqual(requests, [pathToFileURL(file).href]);
    assert.deepEqual(complaints, []);
  },
  async 'the text filter leaves what fits'({ page }) {
    await page.fill('#text', 'sharded0');
    assert.equal(await visible(page, 'days'), 1);
    assert.equal(await firstOf(page, 'days'), 'Sharded0');
    assert.match(await page.textContent('#shown'), /1 of 3 clusters/);
    await page.fill('#text', '');
    assert.equal(await visible(page, 'days'), 3);
  },
  async 'the severity filter is about findings, the project filter about everything'({ page }) {
    await page.selectOption('#severity', 'warning');
    const severities = await page.locator('#findings tbody tr:visible .badge').allTextContents();
    assert.ok(severities.length > 0 && severities.every((severity) => severity === 'warning'), severities.join());
    assert.equal(await visible(page, 'days'), 3);
    await page.selectOption('#severity', '');
    await page.selectOption('#project', { index: 1 });
    assert.equal(await visible(page, 'storage'), 3);
  },
  async 'a heading sorts, by keyboard too, and says which way'({ page }) {
    const heading = page.locator('#days thead th').first();
    await heading.locator('button').click();
    assert.equal(await heading.getAttribute('aria-sort'), 'ascending');
    assert.equal(await firstOf(page, 'days'), 'Cluster0');
    await heading.locator('button').focus();
    await page.keyboard.press('Enter');
    assert.equal(await heading.getAttribute('aria-sort'), 'descending');
    assert.equal(await firstOf(page, 'days'), 'Sharded0');
    const sound = page.locator('#days thead th').last();
    await sound.locator('button').click();
    assert.equal(await heading.getAttribute('aria-sort'), null);
    assert.equal(await firstOf(page, 'days'), 'Flex0', '8 sound days are fewer than 10');
  },
  async 'the first stop of the keyboard leads past the heading'({ page }) {
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  },
  async 'who does not see the days hears the same of each'({ page }) {
    const made = new Date(await page.locator('.made time').getAttribute('datetime'));
    const word = { '●': 'completed', '✕': 'failed', '·': 'none' };
    const days = Array.from({ length: 30 }, (_, n) => new Date(made - (29 - n) * 86400000));
    const names = days.map((day) => `${day.getUTCDate()} ${day.toUTCString().slice(8, 11)}`);
    for (const row of await page.locator('#days tbody tr').all()) {
      const heard = (await row.locator('.unseen').textContent()).split('; ').flatMap((run) => {
        const [, from, until, what] = run.match(/^(.+?)(?: to (.+))?: (\w+)$/);
        return names.slice(names.indexOf(from), names.indexOf(until ?? from) + 1).map(() => what);
      });
      const seen = [...await row.locator('.strip').textContent()].map((sign) => word[sign]);
      assert.deepEqual(heard, seen);
    }
  },
  async 'every chart has a name and a description'({ page }) {
    const session = await page.context().newCDPSession(page);
    const { nodes } = await session.send('Accessibility.getFullAXTree');
    const charts = nodes.filter((node) => !node.ignored && ['img', 'image'].includes(node.role?.value));
    assert.equal(charts.length, await page.locator('svg').count());
    for (const { name, description } of charts) assert.ok(name?.value && description?.value, JSON.stringify(name));
    const timelines = charts.filter(({ name }) => name.value.startsWith('Timeline of ')).map((chart) => chart.description.value);
    assert.ok(timelines.length === 3 && timelines.every((words) => /\d+ strokes in 30 days; .* back; /.test(words)), timelines.join());
  },
  async 'the keyboard gets everywhere, shows where it is, and scrolls what is wider than the page'({ page }) {
    await page.setViewportSize({ width: 640, height: 740 });
    const wanted = await page.locator('a[href], input, select, th button, .scroll').count();
    const met = new Set();
    for (let n = 0; n < wanted; n += 1) {
      await page.keyboard.press('Tab');
      met.add(await page.evaluate(() => {
        const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
        document.activeElement.dataset.met ??= String(document.querySelectorAll('[data-met]').length);
        return `${document.activeElement.dataset.met} ${outlineStyle !== 'none' && outlineWidth !== '0px'}`;
      }));
    }
    assert.equal(met.size, wanted);
    assert.ok([...met].every((one) => one.endsWith(' true')), [...met].join());
    const wide = page.locator('#retention .scroll');
    await wide.focus();
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction(() => document.querySelector('#retention .scroll').scrollLeft > 0);
  },
  async 'a phone shows the days and the reach of every cluster without scrolling sideways'({ page }) {
    await page.setViewportSize({ width: 360, height: 740 });
    for (const picture of await page.locator('#days .strip, #reach svg').all()) {
      const { x, width } = await picture.boundingBox();
      assert.ok(x >= 0 && x + width <= 360, `${x} and ${width}`);
    }
    const [wide, seen] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    assert.ok(wide <= seen, `${wide} of ${seen}`);
  },
  async 'axe finds nothing against it, light or dark'({ page }) {
    const source = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      const { violations } = await page.evaluate(`${source}; axe.run()`);
      const told = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`);
      assert.deepEqual(told, [], colorScheme);
    }
  },
};

(async () => {
  const browser = await chromium.launch({ executablePath, args, timeout: 30000 });
  let passed = 0, failed = 0;
  for (const [name, test] of Object.entries(tests)) {
    const context = await browser.newContext();
    const page = await context.newPage();
    page.setDefaultTimeout(10000);
    const requests = [], complaints = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => complaints.push(message.text()));
    page.on('pageerror', (error) => complaints.push(String(error)));
    try {
      await page.goto(pathToFileURL(file).href);
      await test({ page, requests, complaints });
      passed += 1;
      console.log(`ok: ${name}`);
    } catch (error) {
      failed += 1;
      console.log(`FAILED: ${name}\n${error.stack}`);
    }
    await context.close();
  }
  await browser.close();
  console.log(`${passed} passed, ${failed} failed, 0 skipped`);
  process.exitCode = failed ? 1 : 0;
})();

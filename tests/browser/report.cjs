// The report in a browser: it loads nothing else and logs nothing, filters and sorting work with mouse and keyboard, it
// fits a phone, and axe finds no violations in light or dark mode.
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
  async 'page loads nothing else and logs nothing'({ requests, messages }) {
    assert.deepEqual(requests, [pathToFileURL(file).href]);
    assert.deepEqual(messages, []);
  },
  async 'text filter keeps matching rows'({ page }) {
    await page.fill('#text', 'sharded0');
    assert.equal(await visible(page, 'days'), 1);
    assert.equal(await firstOf(page, 'days'), 'Sharded0');
    assert.match(await page.textContent('#shown'), /1 of 3 clusters/);
    await page.fill('#text', '');
    assert.equal(await visible(page, 'days'), 3);
  },
  async 'severity filters findings, project filters everything'({ page }) {
    await page.selectOption('#severity', 'warning');
    const severities = await page.locator('#findings tbody tr:visible .badge').allTextContents();
    assert.ok(severities.length > 0 && severities.every((severity) => severity === 'warning'), severities.join());
    assert.equal(await visible(page, 'days'), 3);
    await page.selectOption('#severity', '');
    await page.selectOption('#project', { index: 1 });
    assert.equal(await visible(page, 'storage'), 3);
  },
  async 'headings sort by mouse and keyboard and show the direction'({ page }) {
    const heading = page.locator('#days thead th').first();
    await heading.locator('button').click();
    assert.equal(await heading.getAttribute('aria-sort'), 'ascending');
    assert.equal(await firstOf(page, 'days'), 'Cluster0');
    await heading.locator('button').focus();
    await page.keyboard.press('Enter');
    assert.equal(await heading.getAttribute('aria-sort'), 'descending');
    assert.equal(await firstOf(page, 'days'), 'Sharded0');
    const days = page.locator('#days thead th').last();
    await days.locator('button').click();
    assert.equal(await heading.getAttribute('aria-sort'), null);
    assert.equal(await firstOf(page, 'days'), 'Flex0', '8 days with snapshots are fewer than 10');
  },
  async 'first tab stop skips to the content'({ page }) {
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  },
  async 'screen reader text lists the same days'({ page }) {
    const made = new Date(await page.locator('.made time').getAttribute('datetime'));
    const word = { '●': 'completed', '✕': 'failed', '·': 'none' };
    const dates = Array.from({ length: 30 }, (_, n) => new Date(made - (29 - n) * 86400000));
    const names = dates.map((day) => `${day.getUTCDate()} ${day.toUTCString().slice(8, 11)}`);
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
    assert.ok(timelines.length === 3 && timelines.every((words) => /\d+ snapshots in 30 days; .* back; /.test(words)), timelines.join());
  },
  async 'keyboard reaches all controls, shows focus and scrolls wide tables'({ page }) {
    await page.setViewportSize({ width: 640, height: 740 });
    const expected = await page.locator('a[href], input, select, th button, .scroll').count();
    const met = new Set();
    for (let n = 0; n < expected; n += 1) {
      await page.keyboard.press('Tab');
      met.add(await page.evaluate(() => {
        const { outlineStyle, outlineWidth } = getComputedStyle(document.activeElement);
        document.activeElement.dataset.met ??= String(document.querySelectorAll('[data-met]').length);
        return `${document.activeElement.dataset.met} ${outlineStyle !== 'none' && outlineWidth !== '0px'}`;
      }));
    }
    assert.equal(met.size, expected);
    assert.ok([...met].every((one) => one.endsWith(' true')), [...met].join());
    const wide = page.locator('#retention .scroll');
    await wide.focus();
    await page.keyboard.press('ArrowRight');
    await page.waitForFunction(() => document.querySelector('#retention .scroll').scrollLeft > 0);
  },
  async 'phone shows days and restore range without horizontal scrolling'({ page }) {
    await page.setViewportSize({ width: 360, height: 740 });
    for (const picture of await page.locator('#days .strip, #reach svg').all()) {
      const { x, width } = await picture.boundingBox();
      assert.ok(x >= 0 && x + width <= 360, `${x} and ${width}`);
    }
    const [wide, seen] = await page.evaluate(() => [document.documentElement.scrollWidth, window.innerWidth]);
    assert.ok(wide <= seen, `${wide} of ${seen}`);
  },
  async 'axe finds no violations in light or dark mode'({ page }) {
    const source = readFileSync(require.resolve('axe-core/axe.min.js'), 'utf8');
    for (const colorScheme of ['light', 'dark']) {
      await page.emulateMedia({ colorScheme });
      const { violations } = await page.evaluate(`${source}; axe.run()`);
      const found = violations.map(({ id, nodes }) => `${id}: ${nodes.map((node) => node.html.slice(0, 120)).join(' | ')}`);
      assert.deepEqual(found, [], colorScheme);
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
    const requests = [], messages = [];
    page.on('request', (request) => requests.push(request.url()));
    page.on('console', (message) => messages.push(message.text()));
    page.on('pageerror', (error) => messages.push(String(error)));
    try {
      await page.goto(pathToFileURL(file).href);
      await test({ page, requests, messages });
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

// The report in a browser: it loads nothing else and logs nothing, filters and sorting work with mouse and keyboard, it
// fits a phone, and axe finds no violations in light or dark mode.
'use strict';
const assert = require('node:assert/strict');
const { readFileSync } = require('node:fs');
const { pathToFileURL } = require('node:url');
const { chromium } = require('playwright-core');

const [executablePath, file, many] = process.argv.slice(2);
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
  async 'severity and project filter every section'({ page }) {
    await page.selectOption('#severity', 'warning');
    const severities = await page.locator('#findings tbody tr:visible .badge').allTextContents();
    assert.ok(severities.length > 0 && severities.every((severity) => severity === 'warning'), severities.join());
    const clusters = new Set(await page.locator('#findings tbody tr:visible').evaluateAll((rows) =>
      rows.map((row) => row.dataset.cluster).filter(Boolean)));
    for (const section of ['days', 'reach', 'retention', 'storage']) assert.equal(await visible(page, section), clusters.size, section);
    const counts = await page.locator('#totals tbody tr:visible[data-rule] td:nth-child(3)').allTextContents();
    assert.equal(counts.reduce((sum, count) => sum + Number(count), 0), severities.length);
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
    const days = page.locator('#days thead th').nth(4);
    await days.locator('button').click();
    assert.equal(await heading.getAttribute('aria-sort'), null);
    assert.equal(await firstOf(page, 'days'), 'Flex0', '8 days with snapshots are fewer than 10');
  },
  async 'worst clusters come first'({ page }) {
    const ranks = await page.locator('#days tbody td:last-child').evaluateAll((cells) => cells.map((cell) => Number(cell.dataset.key)));
    assert.ok(ranks[0] > 0);
    assert.deepEqual(ranks, [...ranks].sort((a, b) => b - a));
  },
  async 'axis labels stand over their days'({ page }) {
    const left = async (locator) => (await locator.boundingBox()).x;
    const axis = page.locator('#days .axis span');
    const strip = await page.locator('#days .strip').first().boundingBox();
    for (let n = 0; n < 5; n += 1) assert.ok(Math.abs(await left(axis.nth(n)) - strip.x - strip.width * n / 5) < 2, String(n));
  },
  async 'fixes are copied'({ page, context }) {
    await context.grantPermissions(['clipboard-read', 'clipboard-write']);
    const fix = page.locator('#findings tbody tr').first();
    await fix.locator('.copy').click();
    await page.waitForFunction(() => document.querySelector('.copy').textContent === 'Copied');
    assert.equal(await page.evaluate(() => navigator.clipboard.readText()), await fix.locator('code').textContent());
  },
  async 'basis of the findings is stated'({ page }) {
    const basis = await page.textContent('.basis');
    for (const word of ['RPO', '24h', 'Policy', 'none', 'all projects', 'Read', 'UTC']) assert.ok(basis.includes(word), `${word}: ${basis}`);
  },
  async 'print of 2,000 clusters is a few pages, with an option for all'({ page }) {
    await page.goto(pathToFileURL(many).href);
    const pages = async () => (await page.pdf({ format: 'A4' })).toString('latin1').match(/\/Type \/Page\b/g).length;
    const few = await pages();
    assert.ok(few <= 8, String(few));
    await page.check('#everything');
    assert.ok(await pages() > 10 * few);
  },
  async 'first tab stop skips to the content'({ page }) {
    await page.keyboard.press('Tab');
    assert.equal(await page.evaluate(() => document.activeElement.className), 'skip');
    await page.keyboard.press('Enter');
    assert.equal(await page.evaluate(() => document.activeElement.id), 'main');
  },
  async 'screen reader text lists the same days'({ page }) {
    const made = new Date(await page.locator('.made time').getAttribute('datetime'));
    const word = { good: 'completed', bad: 'failed', none: 'none' };
    const dates = Array.from({ length: 30 }, (_, n) => new Date(made - (29 - n) * 86400000));
    const names = dates.map((day) => `${day.getUTCDate()} ${day.toUTCString().slice(8, 11)}`);
    for (const row of await page.locator('#days tbody tr').all()) {
      const heard = (await row.locator('.strip desc').textContent()).split('; ').flatMap((run) => {
        const [, from, until, what] = run.match(/^(.+?)(?: to (.+))?: (\w+)$/);
        return names.slice(names.indexOf(from), names.indexOf(until ?? from) + 1).map(() => what);
      });
      const seen = Array(30);
      for (const path of await row.locator('.strip path:not(.cross)').all()) {
        const what = word[await path.getAttribute('class')];
        for (const [, from, wide] of (await path.getAttribute('d')).matchAll(/M(\d+) 7h(\d+)/g)) seen.fill(what, from / 10, from / 10 + wide / 10);
      }
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
    const expected = await page.locator('a[href], input, select, th button, .copy, .scroll').count();
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
      await test({ page, context, requests, messages });
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

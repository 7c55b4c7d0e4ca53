// The demo in a browser: both backends echo, an edit shows, nothing is dropped.
import assert from 'node:assert/strict';
import { existsSync } from 'node:fs';
import { mkdir, readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { chromium } from 'playwright-core';
import { Longshore, ROOT, scratch, until } from '../lib/longshore.mjs';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
  .find(existsSync);
const SHOTS = join(ROOT, 'e2e', 'target');

test('the demo', { skip: CHROMIUM ? false : 'no Chromium', timeout: 180_000 }, async (t) => {
  const folder = join(await scratch(t), 'samples');
  const free = '127.0.0.1:0';
  const demo = new Longshore(
    ['demo', '--backends', '0,0', '--folder', folder, '--http', free, '--metrics', free, '--admin', free]);
  t.after(() => demo.end('SIGKILL'));
  const [, address] = await demo.line(/Open +(http:\S+)/, 60_000);
  const route = join(folder, 'websocket.yaml');
  await mkdir(SHOTS, { recursive: true });

  const browser = await chromium.launch({ executablePath: CHROMIUM, args: ['--no-sandbox'] });
  t.after(() => browser.close());
  const page = await browser.newPage({ viewport: { width: 1180, height: 900 } });
  const errors = [];
  page.on('pageerror', (error) => errors.push(String(error)));
  await page.goto(address);

  const text = (id) => page.locator(`#${id}`).innerText();
  const backends = async () => [...new Set(await page.locator('#grid span').allInnerTexts())].sort().join('');
  const openRules = () => page.locator('#rules').innerText();

  await t.test('both backends echo', async () => {
    // A browser's first seconds are slow where another suite has the other core.
    await until('40 connections to both', async () => (await text('open')) === '40' && (await backends()) === 'BG',
      60_000);
    await until('echoes', async () => Number((await text('echoes')).replaceAll(',', '')) > 100);
    await until('the rules', async () => /WebSocketRoute demo\/chat\s+socket\s+127\.0\.0\.1:\d+/.test(await openRules()));
    assert.equal(await text('drops'), '0');
    await page.screenshot({ path: join(SHOTS, 'demo-light.png') });
  });

  await t.test('a removed endpoint gets nothing new, and what is open stays', async () => {
    const samples = await readFile(route, 'utf8');
    await writeFile(route, samples.replace(/^    - (\{.*\} # blue)$/m, '    # $1'));
    await until('the change on the page', async () => (await text('changes')) === '1');
    await until('only green among the newest', async () => {
      const newest = await page.locator('#strip span').allInnerTexts();
      return newest.length > 5 && newest.slice(0, 5).every((letter) => letter === 'G');
    });
    assert.equal(await backends(), 'BG');
    await page.getByRole('button', { name: 'Open 20 more' }).click();
    await until('60 open', async () => (await text('open')) === '60');
    assert.equal(await text('drops'), '0');
  });

  await t.test('a mistake is named with its line, and everything goes on', async () => {
    const before = await readFile(route, 'utf8');
    await writeFile(route, before.replace('pathType: Prefix', 'pathType: Prefx'));
    const line = before.split('\n').findIndex((l) => l.includes('pathType: Prefix')) + 1;
    await until('the mistake on the page', async () =>
      (await text('problems')).includes(`websocket.yaml:${line}:15`));
    assert.match(await text('problems'), /must be one of Exact, Prefix, Regex; found "Prefx"/);
    await page.emulateMedia({ colorScheme: 'dark' });
    await page.screenshot({ path: join(SHOTS, 'demo-dark.png') });
    await writeFile(route, before);
    await until('the mistake gone', async () => !(await page.locator('#wrong').isVisible()));
    assert.equal(await text('drops'), '0');
    assert.equal(await text('lost'), 'none lost');
  });

  await t.test('fits a narrow window, and every control has a name', async () => {
    await page.emulateMedia({ colorScheme: 'light' });
    await page.setViewportSize({ width: 390, height: 800 });
    const wide = await page.evaluate(() => document.documentElement.scrollWidth);
    assert.ok(wide <= 390, `the page is ${wide} px wide`);
    await page.screenshot({ path: join(SHOTS, 'demo-narrow.png'), fullPage: true });
    for (const button of await page.getByRole('button').all()) assert.ok((await button.innerText()).trim());
    assert.ok(await page.locator('#grid').getAttribute('aria-label'));
  });

  await t.test('Ctrl-C ends it within seconds', async () => {
    assert.deepEqual(errors, []);
    await browser.close();
    demo.process.kill('SIGINT');
    const begin = Date.now();
    assert.equal(await demo.end('SIGINT'), 0);
    assert.ok(Date.now() - begin < 10_000);
  });
});

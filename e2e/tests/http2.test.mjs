// HTTP/2 from clients: docs/http2.md.
import assert from 'node:assert/strict';
import { execFile, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { existsSync } from 'node:fs';
import { readFile, rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import { chromium } from 'playwright-core';
import { Backend } from '../lib/backend.mjs';
import { ask, connect, socket } from '../lib/http2.mjs';
import { Longshore, scratch, until } from '../lib/longshore.mjs';

const CHROMIUM = ['/usr/bin/chromium', '/usr/bin/chromium-browser', '/usr/bin/google-chrome']
  .find(existsSync);
const SOCKETS = 100;
const HOST = 'chat.example.com';

const config = `
apiVersion: longshore.dev/v1alpha1
kind: LongshoreConfig
metadata: {name: shared}
spec:
  http2: {http: Enabled}
  processDrain: {delay: 0s, window: 3s, deadline: 5s}
`;

const route = (port, more = '') => `
apiVersion: longshore.dev/v1alpha1
kind: WebSocketRoute
metadata: {name: chat, namespace: demo}
spec:
  hosts: [${HOST}]
  upstreams:
  - {name: pool, endpoints: [{address: 127.0.0.1, port: ${port}}]}
  locations:
  - {path: /, upstream: pool}
${more}`;

async function save(folder, name, text) {
  await writeFile(join(folder, `.${name}.tmp`), text);
  await rename(join(folder, `.${name}.tmp`), join(folder, name));
}

/** Sends a text and waits for its echo. */
async function echo(ws, text) {
  const answered = once(ws, 'message');
  ws.send(text);
  const [data] = await answered;
  assert.equal(data.toString(), text);
}

test('requests and a hundred WebSockets share a connection, through an edit and a drain', { timeout: 120_000 }, async (t) => {
  const folder = await scratch(t);
  const backend = await Backend.start(t, 'one');
  await save(folder, 'config.yaml', config);
  await save(folder, 'route.yaml', route(backend.port));
  const longshore = await Longshore.standalone(t, folder);
  const session = await connect(t, longshore.url(''));
  assert.equal(session.remoteSettings.enableConnectProtocol, true);

  const page = await ask(session, { ':authority': HOST, ':path': '/page', cookie: ['a=1', 'b=2'] });
  assert.equal(page.status, 200);
  assert.equal(page.text, 'one /page\n');
  assert.equal(backend.requests.at(-1).headers.cookie, 'a=1; b=2');
  const posted = await ask(session, { ':method': 'POST', ':authority': HOST, ':path': '/post' }, 'x'.repeat(500_000));
  assert.equal(posted.status, 200);
  assert.equal((await ask(session, { ':authority': 'nobody.example.com', ':path': '/' })).status, 404);

  const sockets = await Promise.all(
    Array.from({ length: SOCKETS }, (_, i) => socket(session, HOST, `/socket/${i}`)),
  );
  for (const ws of sockets) assert.equal(await ws.greeting, 'one');
  await Promise.all(sockets.map((ws, i) => echo(ws, `hello ${i}`)));
  assert.equal(backend.upgrades.length, SOCKETS);

  const ends = [];
  sockets.forEach((ws) => ws.on('close', (code) => ends.push(code)));
  await save(folder, 'route.yaml', route(backend.port, '  - {path: /more, upstream: pool}\n'));
  await until('the edit', async () => /applied version[^]*applied version/.test(longshore.out));
  await Promise.all(sockets.map((ws, i) => echo(ws, `again ${i}`)));
  await Promise.all(sockets.map((ws) => echo(ws, 'x'.repeat(100_000))));
  assert.deepEqual(ends, []);

  const told = once(session, 'goaway');
  const closed = once(session, 'close');
  const exit = longshore.end();
  const [code] = await told;
  assert.equal(code, 0);
  await closed;
  await until('the end of every socket', () => ends.length === SOCKETS);
  assert.deepEqual([...new Set(ends)], [1001]);
  assert.equal(await exit, 0);
});

test('2,000 WebSockets on 200 connections live through 1,000 edits and a rolling change of the backend', {
  timeout: 240_000,
}, async (t) => {
  const folder = await scratch(t);
  const [a, b, c, d] = await Promise.all(['a', 'b', 'c', 'd'].map((name) => Backend.start(t, name)));
  const served = (backends, more = '') => route(0, more).replace(
    /endpoints: .*/,
    `endpoints: [${backends.map(({ port }) => `{address: 127.0.0.1, port: ${port}}`)}]}`,
  );
  await save(folder, 'config.yaml', config);
  await save(folder, 'route.yaml', served([a, b]));
  const longshore = await Longshore.standalone(t, folder);
  const sessions = [];
  const sockets = [];
  const ends = [];
  for (let i = 0; i < 200; i++) {
    const session = await connect(t, longshore.url(''));
    session.on('goaway', () => ends.push(`a GOAWAY to connection ${i}`));
    session.on('close', () => ends.push(`the end of connection ${i}`));
    sessions.push(session);
    sockets.push(...await Promise.all(
      Array.from({ length: 10 }, (_, j) => socket(session, HOST, `/socket/${i}/${j}`)),
    ));
  }
  sockets.forEach((ws, i) => ws.on('close', (code) => ends.push(`a Close ${code} to socket ${i}`)));
  const greetings = await Promise.all(sockets.map((ws) => ws.greeting));
  assert.deepEqual([...new Set(greetings)].sort(), ['a', 'b']);
  assert.equal(await longshore.metric('longshore_tunnels_open'), 2000);

  // Each second a tenth of them says something, and nobody waits for it.
  let turn = 0;
  const talk = async () => {
    const some = sockets.filter((_, i) => i % 10 === turn % 10);
    turn++;
    await Promise.all(some.map((ws, i) => echo(ws, `turn ${turn} of ${i}`)));
  };
  const rolled = [[a, b], [a, c], [d, c]];
  let talking = Promise.resolve();
  for (let i = 0; i < 1000; i++) {
    const wrong = i % 50 === 49 ? '  - {path: nowhere, upstream: nobody}\n' : '';
    await save(folder, 'route.yaml', served(rolled[Math.floor(i / 334)], `  - {path: /more/${i}, upstream: pool}\n${wrong}`));
    if (i % 100 === 0) {
      await talking;
      talking = talk();
    }
    await new Promise((resolve) => setTimeout(resolve, 5));
  }
  await talking;
  await save(folder, 'route.yaml', served([d, c], '  - {path: /last, upstream: pool}\n'));
  // By whom new ones are served, on connections of before.
  await until('the last edit', async () => {
    const late = await Promise.all(sessions.slice(0, 4).map((session) => socket(session, HOST, '/late')));
    const by = new Set(await Promise.all(late.map((ws) => ws.greeting)));
    late.forEach((ws) => ws.close());
    return [...by].sort().join() === 'c,d';
  });
  for (let i = 0; i < 10; i++) await talk();
  assert.deepEqual(ends, []);
  t.diagnostic(`${(longshore.out.match(/applied version/g) ?? []).length} tables of 1,000 edits`);
  await until('the late ones to be gone', async () => (await longshore.metric('longshore_tunnels_open')) === 2000);
});

test('a client that breaks the rules loses its connection, and another one nothing', { timeout: 60_000 }, async (t) => {
  const folder = await scratch(t);
  const backend = await Backend.start(t, 'one');
  await save(folder, 'config.yaml', config);
  await save(folder, 'route.yaml', route(backend.port));
  const longshore = await Longshore.standalone(t, folder);
  const steady = await connect(t, longshore.url(''));
  const ws = await socket(steady, HOST, '/socket');
  await ws.greeting;

  // CVE-2023-44487: each is reset as soon as it is asked.
  const hostile = await connect(t, longshore.url(''));
  // `once` would fail by the error that the end is.
  const ended = new Promise((resolve) => hostile.once('close', resolve));
  const told = new Promise((resolve) => hostile.once('goaway', resolve));
  const flood = async () => {
    while (!hostile.closed && !hostile.destroyed) {
      for (let i = 0; i < 50 && !hostile.destroyed; i++) {
        const stream = hostile.request({ ':authority': HOST, ':path': '/page' });
        stream.on('error', () => {});
        stream.close(8);
      }
      await new Promise((resolve) => setImmediate(resolve));
    }
  };
  await Promise.all([flood(), ended]);
  assert.equal(await told, 11);
  assert.ok((await longshore.metric('longshore_http2_errors_total')) >= 1);
  await echo(ws, 'still here');
  assert.equal((await ask(steady, { ':authority': HOST, ':path': '/page' })).status, 200);
});

/** A Secret with a certificate for a name, made just now. */
async function certificate(folder, name) {
  const file = (end) => join(folder, `.${end}.pem`);
  const of = '-x509 -newkey ec -pkeyopt ec_paramgen_curve:prime256v1 -nodes -days 2'.split(' ');
  await promisify(execFile)('openssl', [
    'req', ...of, '-keyout', file('key'), '-out', file('chain'), '-subj', `/CN=${name}`, '-addext', `subjectAltName=DNS:${name}`,
  ]);
  const base64 = async (end) => (await readFile(file(end))).toString('base64');
  return `
apiVersion: v1
kind: Secret
metadata: {name: tls, namespace: demo}
type: kubernetes.io/tls
data: {tls.crt: ${await base64('chain')}, tls.key: ${await base64('key')}}
`;
}

const h2load = spawnSync('h2load', ['--version']).status === 0 ? false : 'no h2load (Debian: nghttp2-client)';

test("nghttp2's h2load gets an answer to each of its requests", { skip: h2load, timeout: 120_000 }, async (t) => {
  const folder = await scratch(t);
  const backend = await Backend.start(t, 'one');
  await save(folder, 'secret.yaml', await certificate(await scratch(t), HOST));
  await save(folder, 'config.yaml', config);
  await save(folder, 'route.yaml', route(
    backend.port,
    `  tls: [{hosts: [${HOST}], secretName: tls}]\n  policy: {insecure: Allow}\n`,
  ));
  const longshore = await Longshore.standalone(t, folder, '--https', '127.0.0.1:0');
  const [, https] = await longshore.line(/serves [^;]*https:\/\/127\.0\.0\.1:(\d+)/, 10_000);
  const load = async (url, port, ...more) => {
    const { stdout } = await promisify(execFile)('h2load', [
      '-n', '2000', '-c', '10', '-m', '20', `--connect-to=127.0.0.1:${port}`, ...more, url,
    ]);
    return stdout;
  };
  for (const out of [
    await load(`http://${HOST}/page`, longshore.http),
    await load(`https://${HOST}/page`, https),
    await load(`http://${HOST}/page`, longshore.http, '-d', join(folder, 'route.yaml')),
  ]) {
    assert.match(out, /2000 total, 2000 started, 2000 done, 2000 succeeded, 0 failed, 0 errored, 0 timeout/);
    assert.match(out, /status codes: 2000 2xx/);
  }
  assert.equal(await longshore.metric('longshore_http2_errors_total').catch(() => 0), 0);
});

test('Chromium opens a hundred WebSockets on one connection, through a hundred edits and a drain', {
  skip: CHROMIUM ? false : 'no Chromium', timeout: 180_000,
}, async (t) => {
  const folder = await scratch(t);
  const backend = await Backend.start(t, 'one');
  const secured = (more = '') => route(backend.port, `${more}  tls: [{hosts: [${HOST}], secretName: tls}]\n`);
  await save(folder, 'secret.yaml', await certificate(await scratch(t), HOST));
  await save(folder, 'config.yaml', config);
  await save(folder, 'route.yaml', secured());
  const longshore = await Longshore.standalone(t, folder, '--https', '127.0.0.1:0');
  const [, port] = await longshore.line(/serves [^;]*https:\/\/127\.0\.0\.1:(\d+)/, 10_000);
  const browser = await chromium.launch({
    executablePath: CHROMIUM,
    args: ['--no-sandbox', '--ignore-certificate-errors', `--host-resolver-rules=MAP ${HOST} 127.0.0.1`],
  });
  t.after(() => browser.close());
  const page = await browser.newPage({ ignoreHTTPSErrors: true });
  await page.goto(`https://${HOST}:${port}/page`);
  assert.equal(await page.evaluate(() => performance.getEntriesByType('navigation')[0].nextHopProtocol), 'h2');

  const echoes = (word) => page.evaluate(
    (text) => Promise.all(sockets.map((ws, i) => new Promise((resolve, reject) => {
      ws.onmessage = ({ data }) => (data === `${text} ${i}` ? resolve() : reject(new Error(data)));
      ws.send(`${text} ${i}`);
    }))).then((all) => all.length),
    word,
  );
  await page.evaluate(async (count) => {
    globalThis.ends = [];
    globalThis.sockets = await Promise.all(Array.from({ length: count }, () => new Promise((resolve, reject) => {
      const ws = new WebSocket(`wss://${location.host}/socket`);
      ws.onmessage = () => resolve(ws);
      ws.onerror = () => reject(new Error('not opened'));
      ws.onclose = ({ code }) => ends.push(code);
    })));
  }, SOCKETS);
  assert.equal(await echoes('hello'), SOCKETS);
  const open = await (await fetch(`http://127.0.0.1:${longshore.admin}/connections?limit=1000`)).json();
  assert.deepEqual(
    [...new Set(open.connections.map((each) => each.protocol))],
    ['HTTP/2'],
    JSON.stringify(open).slice(0, 500),
  );

  for (let i = 0; i < 100; i++) {
    await save(folder, 'route.yaml', secured(`  - {path: /more/${i}, upstream: pool}\n`));
    await until(`edit ${i}`, () => (longshore.out.match(/applied version/g) ?? []).length > i + 1);
  }
  assert.equal(await echoes('again'), SOCKETS);
  assert.deepEqual(await page.evaluate(() => ends), []);

  const exit = longshore.end();
  await page.waitForFunction((count) => ends.length === count, SOCKETS);
  assert.deepEqual(await page.evaluate(() => [...new Set(ends)]), [1001]);
  assert.equal(await exit, 0);
});

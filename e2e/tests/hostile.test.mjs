// What one client, one tenant or one neighbour can do to everybody else: nothing that they notice.
//
// 2,000 tunnels with traffic are open all the while, under the memory that deploy/ gives a data plane. Of
// each attack it is asked that none of them ends, that their echoes come, and that others get in.
import assert from 'node:assert/strict';
import { rm, writeFile } from 'node:fs/promises';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { fileURLToPath } from 'node:url';
import { attack } from '../lib/attack.mjs';
import { Backend } from '../lib/backend.mjs';
import { connect, echo } from '../lib/client.mjs';
import { Longshore, scratch, until } from '../lib/longshore.mjs';

const TUNNELS = 2000;
const EVERY_MS = 1000;

// The heap and direct memory of deploy/base/dataplane: 35 % of 1 GiB.
const MEMORY = '-Xmx358m -XX:+ExitOnOutOfMemoryError';

// Ten times a quiet p99, but never asked to be below this: attackers, victims, backends and proxy share the cores.
const LEAST_BOUND_MS = 500;

// How long an attack may take to come to a stand. It goes on behind that, and others have their pace again.
const STANDING_MS = 30_000;

const route = (name, host, port, locations, namespace = 'demo') => `
apiVersion: longshore.dev/v1alpha1
kind: WebSocketRoute
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  hosts: [${host}]
  upstreams: [{name: pool, endpoints: [{address: 127.0.0.1, port: ${port}}]}]
  locations:
${locations}
`;

const prefix = (path, more = '') => `  - {path: "${path}", pathType: Prefix, upstream: pool${more}}`;

/** Starts lib/flood-backend.mjs; its port. */
async function flooding(t) {
  const script = fileURLToPath(new URL('../lib/flood-backend.mjs', import.meta.url));
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const [line] = await once(child.stdout, 'data');
  return Number(line);
}

/** The tunnels of everybody else: who ended, and how long echoes take. */
class Others {
  lost = [];
  #latencies = [];
  #timers = [];

  async open(url, headers) {
    for (let i = 0; i < TUNNELS; i += 50) {
      const opened = await Promise.all(Array.from({ length: 50 }, () => connect(url, headers)));
      opened.forEach(({ socket }, j) => this.#follow(socket, i + j));
    }
  }

  #follow(socket, i) {
    const waiting = [];
    socket.on('close', (code) => this.lost.push(`tunnel ${i}: ${code}`));
    socket.on('message', () => this.#latencies.push(performance.now() - waiting.shift()));
    this.#timers.push(setInterval(() => {
      if (socket.readyState !== 1) return;
      waiting.push(performance.now());
      socket.send('still there?');
    }, EVERY_MS * (0.5 + Math.random())));
  }

  /** The p99 of the echoes from now on for a while. */
  async p99(ms) {
    this.#latencies = [];
    await pause(ms);
    const sorted = this.#latencies.toSorted((a, b) => a - b);
    assert.ok(sorted.length > TUNNELS, `only ${sorted.length} echoes came`);
    return sorted[Math.floor(sorted.length * 0.99)];
  }

  end() {
    this.#timers.forEach(clearInterval);
  }
}

test('nobody stops it', { timeout: 900_000 }, async (t) => {
  const folder = await scratch(t);
  const backend = await Backend.start(t, 'one');
  const flood = await flooding(t);
  const save = (name, text) => writeFile(join(folder, name), text);
  const remove = (name) => rm(join(folder, name), { force: true });
  await save('config.yaml', `
apiVersion: longshore.dev/v1alpha1
kind: LongshoreConfig
metadata: {name: quick}
spec: {accessLog: Disabled, processDrain: {delay: 0s, window: 2s, deadline: 2s}}
`);
  await save('chat.yaml', route('chat', 'chat.example.com', backend.port, prefix('/')));
  await save('victim.yaml', route('victim', 'victim.example.com', flood, [
    prefix('/flood'), prefix('/plain'), prefix('/large'),
    prefix('/rated', ', policy: {limits: {messagesPerSecond: 10}}'),
  ].join('\n')));
  const longshore = await Longshore.standalone(t, folder, { env: { LONGSHORE_JAVA_OPTS: MEMORY } });
  const at = (extra) => ({ port: longshore.http, ...extra });
  const url = longshore.socketUrl('/');
  const headers = { host: 'chat.example.com' };

  const others = new Others();
  await others.open(url, headers);
  await others.p99(3000);
  const quiet = await others.p99(5000);
  const bound = Math.max(10 * quiet, LEAST_BOUND_MS);
  t.diagnostic(`quiet p99 of an echo: ${quiet.toFixed(1)} ms`);

  /** Others go on while something happens. */
  const unharmed = async (what) => {
    const seen = [];
    for (const end = Date.now() + STANDING_MS; ; ) {
      seen.push(await others.p99(3000));
      assert.deepEqual(others.lost, [], `${what}: tunnels of others ended`);
      if (seen.at(-1) <= bound) break;
      assert.ok(Date.now() < end, `${what}: echoes take ${seen} ms, quiet ${quiet} ms`);
    }
    t.diagnostic(`${what}: p99 ${seen.map((p99) => p99.toFixed(1))} ms`);
    const began = performance.now();
    const { socket } = await connect(url, headers);
    assert.equal(await echo(socket, 'new'), 'new');
    socket.terminate();
    const live = await fetch(`http://127.0.0.1:${longshore.metricsPort}/livez`);
    assert.equal(live.status, 200, await live.text());
    assert.equal(longshore.exit, null, longshore.err);
    assert.ok(performance.now() - began < 10_000, `${what}: nobody gets in`);
  };

  const clients = [
    ['requests whose answers are never read', 'pipelining', { path: '/no/such', count: 20 }],
    ['the same of answers that are relayed', 'pipelining', { path: '/plain', count: 20 }],
    ['the same at the metrics port', 'pipelining', { path: '/metrics', count: 20, metrics: true }],
    ['heads that never end', 'heads', { count: 1500 }],
    ['connections that say nothing', 'nothing', { count: 1500 }],
    ['bodies that never end', 'bodies', { count: 500 }],
    ['large answers that nobody reads', 'readers', { count: 400 }],
    ['tunnels that nobody reads', 'tunnels', { count: 400 }],
    ['floods of Pings', 'pings', { count: 10 }],
  ];
  for (const [what, name, { metrics, ...settings }] of clients) {
    await t.test(what, async (t) => {
      const port = metrics ? longshore.metricsPort : longshore.http;
      const held = await attack(t, name, { ...settings, port });
      t.diagnostic(JSON.stringify({ open: held.open, lost: held.lost }));
      await unharmed(what);
      await held.end();
    });
  }

  await t.test('floods of Pings end with 1008', async () => {
    assert.ok((await longshore.metric('longshore_tunnels_ended_total{reason="rate"}')) > 0);
  });

  const tenants = [
    ['paths whose names collide', () => route('evil', 'evil.example.com', backend.port,
      Array.from({ length: 128 }, (_, i) => prefix(`/${collide(i, 12)}`)).join('\n'), 'evil')],
    ['many small objects', () => Array.from({ length: 200 }, (_, i) => route(`evil-${i}`, `evil-${i}.example.com`,
      backend.port, Array.from({ length: 128 }, (_, j) => prefix(`/${j}`)).join('\n'), 'evil')).join('\n---\n')],
    ['a hundred patterns', () => route('evil', 'evil.example.com', backend.port,
      Array.from({ length: 128 }, (_, i) =>
        `  - {path: "/(a|b|ab|ba)*(c|d){1,9}x${i}", pathType: Regex, upstream: pool}`).join('\n'), 'evil')],
    ['a route to the proxy itself', () =>
      route('evil', 'evil.example.com', longshore.http, prefix('/'), 'evil')],
  ];
  for (const [what, manifest] of tenants) {
    await t.test(what, async (t) => {
      await save('evil.yaml', manifest());
      const held = await attack(t, 'targets', at({ host: 'evil.example.com', count: 4, path: `/${'ab'.repeat(1800)}` }));
      await unharmed(what);
      // What others edit meanwhile is served.
      await save('edited.yaml', route('edited', 'edited.example.com', backend.port, prefix('/'), 'other'));
      await until(`an edit beside ${what}`, () =>
        connect(url, { host: 'edited.example.com' }).then(({ socket }) => { socket.terminate(); return true; }, () => false));
      await held.end();
      await remove('edited.yaml');
      await remove('evil.yaml');
    });
  }

  others.end();
  assert.deepEqual(others.lost, []);
  // And goes politely, as if nothing had been.
  assert.equal(await longshore.end(), 0);
});

/** Strings of one String.hashCode. */
function collide(i, length) {
  return Array.from({ length }, (_, bit) => (i >> bit & 1 ? 'Aa' : 'BB')).join('');
}

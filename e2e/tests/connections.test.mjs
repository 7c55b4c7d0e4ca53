// What clients see when backends and data planes are replaced, and when a backend is scaled: docs/connections.md.
import assert from 'node:assert/strict';
import { rename, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Backend } from '../lib/backend.mjs';
import { assertNotAhead, assertPolite, assertSpread, Fleet } from '../lib/fleet.mjs';
import { Longshore, scratch, until } from '../lib/longshore.mjs';

const CLIENTS = 2000;
const WINDOW_S = 10;

const config = `
apiVersion: networking.k8s.io/v1
kind: IngressClass
metadata: {name: longshore, annotations: {ingressclass.kubernetes.io/is-default-class: "true"}}
spec:
  controller: longshore.dev/ingress-controller
  parameters: {apiGroup: longshore.dev, kind: LongshoreConfig, name: drain}
---
apiVersion: longshore.dev/v1alpha1
kind: LongshoreConfig
metadata: {name: drain}
spec:
  accessLog: Disabled
  processDrain: {delay: 1s, window: ${WINDOW_S}s, deadline: 3s}
`;

const route = (more = '') => `
apiVersion: longshore.dev/v1alpha1
kind: WebSocketRoute
metadata: {name: chat, namespace: demo}
spec:
  ingressClassName: longshore
  policy:
    drain: {window: ${WINDOW_S}s, deadline: 3s}
  upstreams:
  - name: pool
    service: {name: chat, port: {number: 80}}
    loadBalancing: {slowStart: 0s}
${more}
  locations:
  - {path: /, pathType: Prefix, upstream: pool}
---
apiVersion: v1
kind: Service
metadata: {name: chat, namespace: demo}
spec: {ports: [{name: ws, port: 80}]}
`;

const slice = (name, port, conditions = 'ready: true') => `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: ${name}, namespace: demo, labels: {kubernetes.io/service-name: chat}}
addressType: IPv4
ports: [{name: ws, port: ${port}}]
endpoints: [{addresses: [127.0.0.1], conditions: {${conditions}}}]
`;

async function save(folder, name, text) {
  await writeFile(join(folder, `.${name}.tmp`), text);
  await rename(join(folder, `.${name}.tmp`), join(folder, name));
}

test('a backend that is replaced sends its clients away politely, spread over the window', { timeout: 300_000 }, async (t) => {
  const folder = await scratch(t);
  const [old, stays, fresh] = [await Backend.start(t, 'old'), await Backend.start(t, 'stays'), await Backend.start(t, 'fresh')];
  await save(folder, 'config.yaml', config);
  await save(folder, 'route.yaml', route());
  await save(folder, 'old.yaml', slice('old', old.port));
  await save(folder, 'stays.yaml', slice('stays', stays.port));
  const longshore = await Longshore.standalone(t, folder);
  const fleet = await Fleet.launch(CLIENTS, () => longshore.socketUrl('/'));
  t.after(() => fleet.end());
  await fleet.settled();
  const before = fleet.byBackend();
  assert.ok(before.old > CLIENTS * 0.4, `unevenly balanced: ${JSON.stringify(before)}`);

  // As a rolling update does it: the new one is ready, the old one terminates and still serves.
  await save(folder, 'fresh.yaml', slice('fresh', fresh.port));
  const began = Date.now();
  await save(folder, 'old.yaml', slice('old', old.port, 'ready: false, serving: true, terminating: true'));
  await until('the old one to be empty', () => fleet.ended.length >= before.old && !fleet.byBackend().old, 60_000);
  await fleet.settled();
  assertPolite(fleet, 1012);
  assert.deepEqual([...new Set(fleet.ended.map((one) => one.backend))], ['old']);
  assertNotAhead(fleet.ended, began, before.old, WINDOW_S);
  assertSpread(fleet.perSecond(), before.old, WINDOW_S);
  assert.ok(await longshore.metric('longshore_tunnels_ended_total') >= before.old);

  // Gone without a word, as with a node: who is left there stays, for TCP lives.
  const count = fleet.ended.length;
  await save(folder, 'stays.yaml', slice('stays', stays.port, 'ready: false, serving: false'));
  await until('the change to be applied', async () => (await fetch(`http://127.0.0.1:${longshore.admin}/config`)).ok
    && !(await (await fetch(`http://127.0.0.1:${longshore.admin}/config`)).text()).includes(`"port" : ${stays.port}`));
  await pause(2 * 1000); // two echoes of everybody
  assert.equal(fleet.ended.length, count);
  assert.ok(fleet.byBackend().stays > 0);
});

test('a data plane that goes away sends its clients to the other one', { timeout: 300_000 }, async (t) => {
  const folder = await scratch(t);
  const backend = await Backend.start(t, 'backend');
  await save(folder, 'config.yaml', config);
  await save(folder, 'route.yaml', route());
  await save(folder, 'slice.yaml', slice('backend', backend.port));
  const [old, fresh] = [await Longshore.standalone(t, folder), await Longshore.standalone(t, folder)];
  let current = old;
  const fleet = await Fleet.launch(CLIENTS, () => current.socketUrl('/'));
  t.after(() => fleet.end());
  await fleet.settled();
  // As the Service does it: new connections go elsewhere, and the old one is told to end.
  current = fresh;
  const began = Date.now();
  const ended = old.end('SIGTERM');
  await until('readiness to fail', async () => (await fetch(`http://127.0.0.1:${old.metricsPort}/readyz`)).status === 503);
  assert.equal(await ended, 0);
  assert.ok(Date.now() - began < (1 + WINDOW_S + 3 + 5) * 1000, `took ${Date.now() - began} ms`);
  await fleet.settled();
  assertPolite(fleet, 1001);
  assert.equal(fleet.ended.length, CLIENTS);
  assertNotAhead(fleet.ended, began + 1000, CLIENTS, WINDOW_S); // processDrain.delay
  assertSpread(fleet.perSecond(), CLIENTS, WINDOW_S);
});

test('a second SIGTERM hurries', { timeout: 120_000 }, async (t) => {
  const folder = await scratch(t);
  const backend = await Backend.start(t, 'backend');
  await save(folder, 'config.yaml', config.replace(`window: ${WINDOW_S}s`, 'window: 10m'));
  await save(folder, 'route.yaml', route());
  await save(folder, 'slice.yaml', slice('backend', backend.port));
  const longshore = await Longshore.standalone(t, folder);
  const fleet = await Fleet.launch(100, () => longshore.socketUrl('/'));
  t.after(() => fleet.end());
  await fleet.settled();
  longshore.process.kill('SIGTERM');
  await until('the drain to begin', async () => await longshore.metric('longshore_draining') === 1);
  const began = Date.now();
  longshore.process.kill('SIGTERM');
  await until('the end of all', () => fleet.ended.length === 100, 30_000);
  fleet.end();
  assert.equal(await longshore.ended, 0);
  assert.ok(Date.now() - began < 15_000);
  assert.deepEqual([...new Set(fleet.ended.map((one) => one.code))], [1001]);
});

for (const rebalance of [true, false]) {
  test(`scaling a backend from 2 to 4 ${rebalance ? 'evens its tunnels out' : 'moves nobody without rebalance'}`,
    { timeout: 300_000 }, async (t) => {
      const folder = await scratch(t);
      const names = ['one', 'two', 'three', 'four'];
      const backends = [];
      for (const name of names) backends.push(await Backend.start(t, name));
      const rate = 50;
      await save(folder, 'config.yaml', config);
      await save(folder, 'route.yaml', route(rebalance ? `    rebalance: {maxPerSecond: ${rate}, tolerancePercent: 5}` : ''));
      for (const i of [0, 1]) await save(folder, `${names[i]}.yaml`, slice(names[i], backends[i].port));
      const longshore = await Longshore.standalone(t, folder);
      const size = 1000;
      const fleet = await Fleet.launch(size, () => longshore.socketUrl('/'));
      t.after(() => fleet.end());
      await fleet.settled();
      for (const i of [2, 3]) await save(folder, `${names[i]}.yaml`, slice(names[i], backends[i].port));
      const even = size / 4;
      const within = (share) => names.every((name) => Math.abs((fleet.byBackend()[name] ?? 0) - even) <= even * share);
      if (rebalance) {
        // Half of them have to move, at the rate; those that come back to a crowded one move again.
        await until('an even spread', () => fleet.open === size && within(0.1), (2 * (size / 2 / rate) + 10) * 1000);
        const moved = fleet.ended.length;
        assertPolite(fleet, 1012);
        // Whenever a second is said to begin: no more than the rate since the first, and two rounds.
        let sum = 0;
        fleet.perSecond().forEach((moves, second) =>
          assert.ok((sum += moves) <= rate * (second + 3), `moved per second: ${fleet.perSecond()}`));
        await pause(5000); // long enough for 250 to move
        assert.ok(fleet.ended.length - moved < size * 0.05, `${fleet.ended.length - moved} went on moving`);
        assert.ok(within(0.1));
      } else {
        await pause(5000); // long enough for 250 to move
        assert.deepEqual(fleet.ended, []);
        assert.deepEqual(Object.keys(fleet.byBackend()).sort(), ['one', 'two']);
      }
    });
}

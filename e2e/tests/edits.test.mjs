// 1,000 edits, right and wrong in turn, under 2,000 open tunnels with traffic.
import assert from 'node:assert/strict';
import { rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { Backend } from '../lib/backend.mjs';
import { connect, echo } from '../lib/client.mjs';
import { Longshore, scratch, until } from '../lib/longshore.mjs';

const TUNNELS = 2000;
const EDITS = 1000;
const EVERY_MS = 1000; // one message a second on each tunnel

const route = (spec) => `
apiVersion: longshore.dev/v1alpha1
kind: WebSocketRoute
metadata: {name: chat, namespace: demo}
spec:
  upstreams:
  - name: pool
    service: {name: chat, port: {number: 80}}
  locations:
  - path: /websocket
    pathType: Prefix
${spec}
`;

const service = `
apiVersion: v1
kind: Service
metadata: {name: chat, namespace: demo}
spec: {ports: [{name: ws, port: 80}]}
`;

const slice = (name, port, ready) => `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: ${name}, namespace: demo, labels: {kubernetes.io/service-name: chat}}
addressType: IPv4
ports: [{name: ws, port: ${port}}]
endpoints: [{addresses: [127.0.0.1], conditions: {ready: ${ready}}}]
`;

const other = (i, path) => `
apiVersion: longshore.dev/v1alpha1
kind: WebSocketRoute
metadata: {name: other-${i}, namespace: demo}
spec:
  upstreams: [{name: pool, service: {name: chat, port: {name: ws}}}]
  locations: [{path: ${path}, pathType: Prefix, upstream: pool}]
`;

test('1,000 edits under 2,000 tunnels drop none and give no 5xx', { timeout: 600_000 }, async (t) => {
  const folder = await scratch(t);
  const [one, two] = [await Backend.start(t, 'one'), await Backend.start(t, 'two')];
  const file = (name) => join(folder, name);
  let writes = 0;
  const save = async (name, text) => {
    // In turn as an editor that renames and as one that writes in place.
    if (writes++ % 2) return writeFile(file(name), text);
    await writeFile(file(`.${name}.tmp`), text);
    return rename(file(`.${name}.tmp`), file(name));
  };
  await save('route.yaml', route('    upstream: pool'));
  await save('service.yaml', service);
  await save('one.yaml', slice('one', one.port, true));
  await save('two.yaml', slice('two', two.port, true));
  const longshore = await Longshore.standalone(t, folder);

  const dropped = [];
  const tunnels = [];
  let ending = false;
  for (let i = 0; i < TUNNELS; i += 50) {
    tunnels.push(...await Promise.all(
      Array.from({ length: 50 }, () => connect(longshore.socketUrl('/websocket')))));
  }
  let sent = 0;
  let echoed = 0;
  const timers = tunnels.map(({ socket }, i) => {
    socket.on('close', (code) => ending || dropped.push(`tunnel ${i}: ${code}`));
    socket.on('message', () => echoed++);
    return setInterval(() => { sent++; socket.send(`message ${sent}`); }, EVERY_MS * (0.5 + Math.random()));
  });

  // All the while: plain requests and handshakes on the location that is edited.
  const answers = {};
  const count = (status) => (answers[status] = (answers[status] ?? 0) + 1);
  const probes = (async () => {
    while (!ending) {
      count((await fetch(longshore.url('/websocket')).catch((e) => ({ status: String(e.cause ?? e) }))).status);
      await connect(longshore.socketUrl('/websocket'))
        .then(({ socket }) => { count(101); socket.terminate(); }, (e) => count(e.status ?? String(e)));
      await pause(5);
    }
  })();

  const right = [
    (i) => save('route.yaml', route(`    name: edit-${i}\n    upstream: pool`)),
    (i) => save('one.yaml', slice('one', one.port, i % 4 < 2)),
    (i) => save('route.yaml', route(`    split: [{upstream: pool, weight: ${i + 1}}]\n    policy: {timeouts: {idle: ${i + 60}s}}`)),
    (i) => save('other.yaml', other(i, `/other/${i}`)),
    () => rm(file('other.yaml'), { force: true }),
  ];
  const wrong = [
    () => save('route.yaml', route('    upstream: [pool')), // no YAML
    () => save('route.yaml', route('    upstreem: pool')), // an unknown field
    (i) => save('other.yaml', other(i, '/websocket')), // claims what another has
    (i) => save('other.yaml', other(i, '"no path"')), // a bad value
    (i) => save('other.yaml', other(i, '/other').replace('name: chat', 'name: gone')), // no such Service
  ];
  for (let i = 0; i < EDITS; i++) {
    const half = Math.floor(i / 2);
    await (i % 2 ? wrong[half % wrong.length](i) : right[half % right.length](half));
    // Mostly quick, and now and then long enough that even a wrong file is settled and judged: every
    // twenty-first, so that each kind of edit has its turn.
    await pause(i % 21 === 20 ? 700 : 20);
  }
  await save('route.yaml', route('    upstreem: pool'));
  await until('a mistake that stays is named with its line', () =>
    /route\.yaml:\d+:\d+: error: .*upstreem: unknown field; did you mean upstream\?/.test(longshore.out));
  await save('route.yaml', route('    name: last\n    upstream: pool'));
  await until('the last edit', async () => {
    const config = await (await fetch(`http://127.0.0.1:${longshore.admin}/config`)).text();
    return config.includes('last');
  });
  await pause(EVERY_MS);
  timers.forEach(clearInterval);
  await until('the last echoes', () => echoed === sent).catch(() => {});
  ending = true;
  await probes;

  t.diagnostic(`${sent} messages, ${echoed} echoes; probes answered ${JSON.stringify(answers)}`);
  assert.deepEqual(dropped, []);
  assert.equal(echoed, sent);
  assert.ok(sent > TUNNELS, `there was hardly any traffic: ${sent}`);
  assert.deepEqual(Object.keys(answers).sort(), ['101', '200'], JSON.stringify(answers));
  const versions = longshore.out.match(/applied version/g).length;
  t.diagnostic(`${versions} versions applied`);
  assert.ok(versions > EDITS / 4, `only ${versions} versions were applied`);
  assert.doesNotMatch(longshore.out, /REJECTED/);
  for (const { socket } of tunnels) {
    assert.equal(await echo(socket, 'still here'), 'still here');
    socket.terminate();
  }
});

// SockJS: each of its transports but WebSocket is many requests, which have to find one backend. By hashing on the query,
// for its client keeps no cookies in Node.
import assert from 'node:assert/strict';
import { fork } from 'node:child_process';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { fileURLToPath } from 'node:url';
import SockJS from 'sockjs-client';
import { Longshore, scratch } from '../lib/longshore.mjs';

const BACKEND = fileURLToPath(new URL('../lib/sockjs-backend.mjs', import.meta.url));
const SESSIONS = 16;
const MESSAGES = 5;
const LATE_MS = 20_000;

/** Starts lib/sockjs-backend.mjs; gives its port. */
async function backend(t, name) {
  const child = fork(BACKEND, [name]);
  t.after(() => child.kill('SIGKILL'));
  const [port] = await once(child, 'message');
  return port;
}

function route(name, path, ports, balancing) {
  return `
apiVersion: longshore.dev/v1alpha1
kind: WebSocketRoute
metadata: {name: ${name}, namespace: demo}
spec:
  upstreams:
  - name: echo
    endpoints: [${ports.map((port) => `{address: 127.0.0.1, port: ${port}}`).join(', ')}]
    loadBalancing: ${balancing}
  locations:
  - path: ${path}
    pathType: Prefix
    upstream: echo
    rewrite: {path: {type: ReplacePrefix, value: /echo}}
---
`;
}

/** Sends and gets some messages; gives the names of the backends that answered. */
function session(t, url, transport) {
  return new Promise((resolve, reject) => {
    const socket = new SockJS(url, null, { transports: [transport], timeout: LATE_MS });
    t.after(() => socket.close());
    const late = setTimeout(() => reject(new Error(`${transport}: nothing came`)), LATE_MS);
    const names = [];
    socket.onopen = () => socket.send('0');
    socket.onmessage = ({ data }) => {
      const [name, text] = data.split(' ');
      assert.equal(text, String(names.length));
      names.push(name);
      if (names.length < MESSAGES) {
        socket.send(String(names.length));
      } else {
        clearTimeout(late);
        socket.onclose = null;
        socket.close();
        resolve(names);
      }
    };
    socket.onclose = ({ code, reason }) => {
      clearTimeout(late);
      reject(new Error(`${transport}: closed with ${code} ${reason}`));
    };
  });
}

test('SockJS', async (t) => {
  const folder = await scratch(t);
  const ports = [await backend(t, 'one'), await backend(t, 'two')];
  await writeFile(
    join(folder, 'routes.yaml'),
    route('hashed', '/hashed', ports, '{policy: ConsistentHash, hashOn: {type: Query, name: sid}}') +
      route('astray', '/astray', ports, '{policy: Random}'),
  );
  const longshore = await Longshore.standalone(t, folder);
  const sessions = (t, path, transport) =>
    Promise.allSettled(
      Array.from({ length: SESSIONS }, (_, i) =>
        session(t, longshore.url(`${path}?sid=session-${i}`), transport)),
    );

  for (const transport of ['websocket', 'xhr-streaming', 'xhr-polling']) {
    await t.test(`stays on one backend: ${transport}`, async (t) => {
      const all = await sessions(t, '/hashed', transport);
      assert.deepEqual(all.filter((one) => one.status === 'rejected').map((one) => one.reason.message), []);
      for (const { value } of all) assert.equal(new Set(value).size, 1);
      assert.deepEqual([...new Set(all.map(({ value }) => value[0]))].sort(), ['one', 'two']);
    });
  }

  // What all this is for: without, a message finds a backend that doesn't know the session.
  await t.test('goes astray without hashing', async (t) => {
    const all = await sessions(t, '/astray', 'xhr-polling');
    assert.ok(all.some((one) => one.status === 'rejected'));
  });
});

// Socket.IO 4: a session that polls, then upgrades, has to stay on one backend. By the affinity cookie, or by hashing.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { createServer } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { Server } from 'socket.io';
import { io } from 'socket.io-client';
import { Longshore, scratch } from '../lib/longshore.mjs';

const CLIENTS = 16;

/** Says who it is and what the session speaks, and echoes. Nothing is shared between two of them. */
async function backend(t, name) {
  const http = createServer();
  const server = new Server(http, { serveClient: false });
  server.on('connection', (socket) => {
    socket.on('who', (reply) => reply({ name, transport: socket.conn.transport.name }));
    socket.on('echo', (text, reply) => reply(text));
  });
  http.listen(0, '127.0.0.1');
  await once(http, 'listening');
  t.after(() => server.close());
  return { name, server, port: http.address().port };
}

function route(name, ports, more) {
  return `
apiVersion: longshore.dev/v1alpha1
kind: WebSocketRoute
metadata: {name: ${name}, namespace: demo}
spec:
  upstreams:
  - name: chat
    endpoints: [${ports.map((port) => `{address: 127.0.0.1, port: ${port}}`).join(', ')}]
    ${more}
  locations:
  - path: /${name}
    pathType: Prefix
    upstream: chat
    rewrite: {path: {type: ReplacePrefix, value: /socket.io}}
---
`;
}

/** A client as a browser is one: it polls first, and keeps cookies. */
function client(longshore, path, options) {
  return io(longshore.url(''), {
    path,
    forceNew: true,
    reconnection: false,
    withCredentials: true,
    timeout: 20_000,
    ...options,
  });
}

/** Connects and upgrades; fails as soon as any request of the session goes wrong. */
async function session(t, longshore, path, options) {
  const socket = client(longshore, path, options);
  t.after(() => socket.close());
  const { engine } = socket.io;
  const failed = new Promise((_, reject) => {
    socket.on('connect_error', reject);
    socket.on('disconnect', (reason, details) =>
      reject(new Error(`${reason} ${details?.description ?? details ?? ''}`)));
    engine.on('upgradeError', reject);
  });
  failed.catch(() => {});
  const upgraded = new Promise((resolve) => engine.once('upgrade', resolve));
  await Promise.race([failed, once(socket, 'connect')]);
  const polling = await Promise.race([failed, socket.emitWithAck('who')]);
  const transport = await Promise.race([failed, upgraded]);
  assert.equal(transport.name, 'websocket');
  // The server switches when it has the client's word.
  let tunnel;
  do {
    tunnel = await Promise.race([failed, socket.emitWithAck('who')]);
  } while (tunnel.transport !== 'websocket');
  assert.equal(tunnel.name, polling.name);
  assert.equal(await Promise.race([failed, socket.emitWithAck('echo', 'hello')]), 'hello');
  return tunnel.name;
}

test('Socket.IO', async (t) => {
  const folder = await scratch(t);
  const backends = [await backend(t, 'one'), await backend(t, 'two')];
  const ports = backends.map((one) => one.port);
  const hashed = (hashOn) => `loadBalancing: {policy: ConsistentHash, hashOn: ${hashOn}}`;
  await writeFile(
    join(folder, 'routes.yaml'),
    route('cookie', ports, 'affinity: {cookie: {name: pod}}') +
      route('header', ports, hashed('{type: Header, name: X-User}')) +
      route('query', ports, hashed('{type: Query, name: room}')) +
      route('astray', ports, 'loadBalancing: {policy: Random}'),
  );
  const longshore = await Longshore.standalone(t, folder);

  /** Many sessions at once, each of which keeps its backend; gives their names. */
  const sessions = (t, path, options) =>
    Promise.all(Array.from({ length: CLIENTS }, (_, i) => session(t, longshore, path, options(i))));
  const both = (names) => assert.deepEqual([...new Set(names)].sort(), ['one', 'two']);

  await t.test('stays by the cookie', async (t) => both(await sessions(t, '/cookie', () => ({}))));

  await t.test('stays by a header, and comes back by it', async (t) => {
    const user = (i) => ({ extraHeaders: { 'x-user': `user-${i}` } });
    const first = await sessions(t, '/header', user);
    both(first);
    assert.deepEqual(await sessions(t, '/header', user), first);
  });

  await t.test('stays by the query, and so brings a room together', async (t) => {
    const names = await sessions(t, '/query', (i) => ({ query: { room: `room-${i % 4}` } }));
    names.forEach((name, i) => assert.equal(name, names[i % 4]));
  });

  await t.test('can be reached by WebSocket alone', async (t) => {
    const socket = client(longshore, '/cookie', { transports: ['websocket'] });
    t.after(() => socket.close());
    await once(socket, 'connect');
    assert.equal(await socket.emitWithAck('echo', 'hello'), 'hello');
  });

  // What all this is for: without, a session's second request finds a backend that doesn't know it.
  await t.test('goes astray without affinity', async (t) => {
    const results = await Promise.allSettled(
      Array.from({ length: CLIENTS }, () => session(t, longshore, '/astray', {})),
    );
    assert.ok(results.some((one) => one.status === 'rejected'));
  });
});

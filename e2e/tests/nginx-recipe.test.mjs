// The nginx recipe as a WebSocketRoute: two backends, one location, Host kept.
import assert from 'node:assert/strict';
import { writeFile } from 'node:fs/promises';
import { request } from 'node:http';
import { join } from 'node:path';
import { test } from 'node:test';
import { Backend } from '../lib/backend.mjs';
import { connect, echo } from '../lib/client.mjs';
import { Longshore, scratch } from '../lib/longshore.mjs';

const HOST = 'chat.example.com';

function recipe(...ports) {
  return `
apiVersion: longshore.dev/v1alpha1
kind: WebSocketRoute
metadata: {name: recipe, namespace: demo}
spec:
  upstreams:
  - name: backend
    endpoints:
${ports.map((port) => `    - {address: 127.0.0.1, port: ${port}}`).join('\n')}
    loadBalancing: {policy: RoundRobin}
    keepalive: {idleConnections: 0}
  locations:
  - path: /websocket
    pathType: Prefix
    upstream: backend
`;
}

function get(port, path, headers) {
  return new Promise((resolve, reject) => {
    request({ port, path, headers, host: '127.0.0.1' }, (response) => {
      let body = '';
      response.on('data', (chunk) => (body += chunk));
      response.on('end', () => resolve({ status: response.statusCode, body }));
    }).on('error', reject).end();
  });
}

test('the nginx recipe', async (t) => {
  const folder = await scratch(t);
  const backends = [await Backend.start(t, 'one'), await Backend.start(t, 'two')];
  await writeFile(join(folder, 'route.yaml'), recipe(...backends.map((b) => b.port)));
  const longshore = await Longshore.standalone(t, folder);

  await t.test('echoes through both backends, with the Host kept', async () => {
    const seen = new Set();
    for (let i = 0; i < 8; i++) {
      const { socket, backend } = await connect(longshore.socketUrl('/websocket/room?x=1'), { host: HOST });
      assert.equal(await echo(socket, `hello ${i}`), `hello ${i}`);
      seen.add(backend);
      socket.close();
    }
    assert.deepEqual([...seen].sort(), ['one', 'two']);
    for (const { url, headers } of backends.flatMap((b) => b.upgrades)) {
      assert.equal(url, '/websocket/room?x=1');
      assert.equal(headers.host, HOST);
      assert.equal(headers.connection.toLowerCase(), 'upgrade');
      assert.equal(headers.upgrade, 'websocket');
    }
  });

  await t.test('passes plain HTTP on the same location as plain HTTP', async () => {
    const answer = await get(longshore.http, '/websocket', { host: HOST, connection: 'keep-alive' });
    assert.equal(answer.status, 200);
    const [{ headers }] = backends.flatMap((b) => b.requests);
    assert.equal(headers.upgrade, undefined);
    assert.equal(headers.connection.toLowerCase(), 'close');
    assert.equal(headers.host, HOST);
  });

  await t.test('answers 404 elsewhere', async () => {
    assert.equal((await get(longshore.http, '/websockets', { host: HOST })).status, 404);
  });

  await t.test('prints its verdict as kubectl would', () => {
    assert.match(longshore.out, /^KIND +NAMESPACE\/NAME +HOSTS +ACCEPTED +RESOLVED +ENDPOINTS +PROGRAMMED$/m);
    assert.match(longshore.out, /^WebSocketRoute +demo\/recipe +\* +True +True +True +True$/m);
  });

  await t.test('ends politely on SIGTERM', async () => {
    const { socket } = await connect(longshore.socketUrl('/websocket'));
    const closed = new Promise((resolve) => socket.on('close', resolve));
    longshore.process.kill('SIGTERM');
    longshore.process.kill('SIGTERM'); // once more: no need to wait for the drain's delay
    assert.equal(await closed, 1001);
    assert.equal(await longshore.ended, 0);
  });
});

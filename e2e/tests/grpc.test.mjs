// gRPC through Longshore, between grpc-go and grpc-go: docs/grpc.md.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { rename, writeFile } from 'node:fs/promises';
import http from 'node:http';
import http2 from 'node:http2';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { ask, build, fetchJava, GrpcClient, GrpcJava, GrpcServer, noGo, noJava } from '../lib/grpc.mjs';
import { Longshore, scratch, until } from '../lib/longshore.mjs';
import { certificate, defaultSecret } from '../lib/tenants.mjs';

const HOST = 'grpc.example.com';
const CASES = 14;

const config = `
apiVersion: longshore.dev/v1alpha1
kind: LongshoreConfig
metadata: {name: longshore}
spec:
  http2: {http: Enabled}
  processDrain: {delay: 0s, window: 2s, deadline: 10s}
`;

const route = (name, host, ports, more = '', health = '') => `
---
apiVersion: longshore.dev/v1alpha1
kind: WebSocketRoute
metadata: {name: ${name}, namespace: demo}
spec:
  hosts: [${host}]
  upstreams:
  - name: pool
    protocol: grpc
    endpoints: [${ports.map((port) => `{address: 127.0.0.1, port: ${port}}`)}]
${health}
  locations:
  - {path: /, upstream: pool}
${more}`;

async function save(folder, name, text) {
  await writeFile(join(folder, `.${name}.tmp`), text);
  await rename(join(folder, `.${name}.tmp`), join(folder, name));
}

if (!noGo) before(build, { timeout: 300_000 });

test("grpc's interop cases pass, in the clear and over TLS", { skip: noGo, timeout: 180_000 }, async (t) => {
  const folder = await scratch(t);
  const server = await GrpcServer.start(t);
  const direct = await ask(t, 'cases', `127.0.0.1:${server.port}`);
  assert.equal(direct.length, CASES);
  const pair = certificate(HOST);
  await save(folder, 'config.yaml', config);
  await save(folder, 'routes.yaml', `${defaultSecret(pair, 'demo')}
${route('chat', HOST, [server.port], '  tls: [{hosts: [grpc.example.com], secretName: default}]\n  policy: {insecure: Allow}\n')}
${route('closed', 'closed.example.com', [server.port], '  policy: {access: {deny: [127.0.0.0/8]}}\n')}
${route('down', 'down.example.com', [9])}`);
  const longshore = await Longshore.standalone(t, folder, '--https', '127.0.0.1:0');
  const [, https] = await longshore.line(/serves [^;]*https:\/\/127\.0\.0\.1:(\d+)/, 10_000);
  const clear = `127.0.0.1:${longshore.http}`;
  assert.deepEqual(await ask(t, 'cases', clear), direct);
  assert.deepEqual(await ask(t, 'cases', '-tls', `127.0.0.1:${https}`), direct);

  assert.deepEqual(await ask(t, 'status', '-authority', 'nobody.example.com', clear), ['Unimplemented']);
  assert.deepEqual(await ask(t, 'status', '-authority', 'closed.example.com', clear), ['PermissionDenied']);
  assert.deepEqual(await ask(t, 'status', '-authority', 'down.example.com', clear), ['Unavailable']);
});

test('calls that last live through edits, and end with UNAVAILABLE when they have to', { skip: noGo, timeout: 120_000 }, async (t) => {
  const folder = await scratch(t);
  const server = await GrpcServer.start(t);
  await save(folder, 'config.yaml', config);
  await save(folder, 'routes.yaml', route('chat', HOST, [server.port]));
  const longshore = await Longshore.standalone(t, folder);
  const client = new GrpcClient(t, 'hold', `127.0.0.1:${longshore.http}`, '20');
  await until('all calls', () => client.lines[0] === 'held');
  const connections = async () =>
    (await fetch(`http://127.0.0.1:${longshore.admin}/connections?kind=grpc`)).json();
  await until('the list', async () => (await connections()).connections.length === 20);
  const [call] = (await connections()).connections;
  assert.equal(call.path, '/grpc.testing.TestService/FullDuplexCall');
  assert.ok(call.messagesFromUpstream > 0 && call.messagesFromClient >= call.messagesFromUpstream, JSON.stringify(call));

  for (let i = 0; i < 20; i++) {
    await save(folder, 'routes.yaml', route('chat', HOST, [server.port], `  - {path: /more/${i}, upstream: pool}\n`));
    await until(`edit ${i}`, () => (longshore.out.match(/applied version/g) ?? []).length > i + 1);
  }
  assert.deepEqual(client.lines, ['held']);
  assert.equal((await connections()).connections.length, 20);

  const exit = longshore.end();
  const [, ...ends] = await client.ended;
  assert.deepEqual(ends, Array(20).fill('Unavailable'));
  assert.equal(await exit, 0);
});

test('endpoints are probed by grpc.health.v1', { skip: noGo, timeout: 120_000 }, async (t) => {
  const folder = await scratch(t);
  const [one, other] = [await GrpcServer.start(t), await GrpcServer.start(t)];
  const health = '    healthCheck: {active: {type: gRPC, service: chat, interval: 1s, healthyThreshold: 1, unhealthyThreshold: 1}}';
  await save(folder, 'config.yaml', config);
  await save(folder, 'routes.yaml', route('chat', HOST, [one.port, other.port], '', health));
  const longshore = await Longshore.standalone(t, folder);
  const unhealthy = async () =>
    (await (await fetch(`http://127.0.0.1:${longshore.admin}/endpoints`)).text()).match(/"state":"unhealthy"/g)?.length ?? 0;
  await until('good probes', async () => (await longshore.metric('longshore_health_probes_total')) >= 4);
  assert.equal(await unhealthy(), 0);
  one.says(false);
  await until('one that is not serving', async () => (await unhealthy()) === 1);
  one.says(true);
  await until('both', async () => (await unhealthy()) === 0);
});

test("grpc-java's interop cases pass, by its Netty and its OkHttp client", { skip: noJava, timeout: 400_000 }, async (t) => {
  const folder = await scratch(t);
  const command = await fetchJava();
  const server = new GrpcJava(t, command, 'serve');
  await until('its port', () => server.lines.length > 0, 60_000);
  const port = Number(server.lines[0]);
  await save(folder, 'config.yaml', config);
  await save(folder, 'routes.yaml', route('chat', HOST, [port], '  policy: {timeouts: {response: 60s}}\n'));
  const longshore = await Longshore.standalone(t, folder);
  const direct = await new GrpcJava(t, command, 'cases', port, 'netty').ended;
  assert.equal(direct.length, 20);
  for (const client of ['netty', 'okhttp']) {
    assert.deepEqual(await new GrpcJava(t, command, 'cases', longshore.http, client).ended, direct, client);
  }
  assert.ok((await longshore.metric('longshore_grpc_calls_total')) >= 2 * direct.length);
});

test('gRPC-Web passes as what it is, with its deadline and its trailers in the body', { timeout: 60_000 }, async (t) => {
  const folder = await scratch(t);
  // A frame of data and one of trailers (0x80), as a server of gRPC-Web answers.
  const frame = (flags, text) => Buffer.concat([Buffer.from([flags, 0, 0, 0, text.length]), Buffer.from(text)]);
  const seen = [];
  const server = http2.createServer();
  server.on('stream', (stream, headers) => {
    const parts = [];
    stream.on('data', (part) => parts.push(part));
    stream.on('end', () => {
      seen.push({ headers, body: Buffer.concat(parts) });
      stream.respond({ ':status': 200, 'content-type': headers['content-type'] });
      stream.write(frame(0, 'pong'));
      stream.end(frame(0x80, 'grpc-status: 0\r\n'));
    });
  });
  server.listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  await save(folder, 'config.yaml', config);
  await save(folder, 'routes.yaml', route('chat', HOST, [server.address().port]));
  const longshore = await Longshore.standalone(t, folder);
  const request = {
    method: 'POST',
    headers: {
      host: HOST,
      'content-type': 'application/grpc-web+proto',
      'x-grpc-web': '1',
      'grpc-timeout': '5S',
    },
  };
  const body = frame(0, 'ping');
  const expected = Buffer.concat([frame(0, 'pong'), frame(0x80, 'grpc-status: 0\r\n')]);

  // A page speaks HTTP/1.1, or HTTP/2.
  const answer = await new Promise((resolve, reject) => {
    const sent = http.request(longshore.url('/chat.Chat/Talk'), request, resolve);
    sent.on('error', reject);
    sent.end(body);
  });
  const parts = [];
  for await (const part of answer) parts.push(part);
  assert.equal(answer.statusCode, 200);
  assert.equal(answer.headers['content-type'], 'application/grpc-web+proto');
  assert.deepEqual(Buffer.concat(parts), expected);

  const session = http2.connect(longshore.url(''));
  t.after(() => session.destroy());
  const { host, ...fields } = request.headers;
  const stream = session.request({ ':method': 'POST', ':authority': host, ':path': '/chat.Chat/Talk', ...fields });
  stream.end(body);
  const [head] = await once(stream, 'response');
  assert.equal(head[':status'], 200);
  const received = [];
  for await (const part of stream) received.push(part);
  assert.deepEqual(Buffer.concat(received), expected);

  assert.equal(seen.length, 2);
  for (const one of seen) {
    assert.equal(one.headers['content-type'], 'application/grpc-web+proto');
    assert.equal(one.headers['grpc-timeout'], '5S');
    assert.deepEqual(one.body, body);
  }
  // It is no call: what ends those, and counts them, is not for it.
  assert.equal(await longshore.metric('longshore_grpc_calls_total').catch(() => 0), 0);
  const refused = await fetch(longshore.url('/'), { headers: { 'content-type': 'application/grpc-web' } });
  assert.equal(refused.status, 404);
});

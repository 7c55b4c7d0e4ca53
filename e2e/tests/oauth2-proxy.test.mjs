// External authorization by the real oauth2-proxy: sign-in redirect, session cookie, a WebSocket with the session, and
// what becomes of it when the session is revoked. Its users are those of an htpasswd file, so no identity provider is
// needed.
import assert from 'node:assert/strict';
import { execFile, spawn } from 'node:child_process';
import { createHash } from 'node:crypto';
import { once } from 'node:events';
import { createServer } from 'node:net';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { promisify } from 'node:util';
import WebSocket, { WebSocketServer } from 'ws';
import { Longshore, ROOT, scratch, until } from '../lib/longshore.mjs';

const BUILD = join(ROOT, 'e2e', 'oauth2-proxy', 'build');

/** A port that nobody listens on. */
async function freePort() {
  const server = createServer().listen(0, '127.0.0.1');
  await once(server, 'listening');
  const { port } = server.address();
  server.close();
  return port;
}

/** Starts oauth2-proxy; its sessions are those that `secret` seals. */
async function oauth2Proxy(t, binary, port, htpasswd, secret) {
  const child = spawn(
    binary,
    [
      `--http-address=127.0.0.1:${port}`,
      '--reverse-proxy',
      '--upstream=static://202',
      '--skip-provider-button',
      '--set-xauthrequest',
      '--email-domain=*',
      '--cookie-secure=false',
      `--cookie-secret=${secret}`,
      `--htpasswd-file=${htpasswd}`,
      '--provider=oidc',
      '--skip-oidc-discovery',
      '--oidc-issuer-url=http://127.0.0.1:9',
      '--login-url=https://id.example.com/authorize',
      '--redeem-url=http://127.0.0.1:9/token',
      '--oidc-jwks-url=http://127.0.0.1:9/keys',
      '--client-id=longshore',
      '--client-secret=none',
    ],
    { stdio: ['ignore', 'pipe', 'pipe'] },
  );
  let said = '';
  child.stdout.on('data', (text) => (said += text));
  child.stderr.on('data', (text) => (said += text));
  t.after(() => child.kill('SIGKILL'));
  await until(`oauth2-proxy on port ${port}`, async () => {
    if (child.exitCode !== null) throw new Error(said);
    return fetch(`http://127.0.0.1:${port}/ping`).then((answer) => answer.ok, () => false);
  });
  return child;
}

/** Static endpoints behind a Service, as in a cluster. */
function service(name, port) {
  return `
apiVersion: v1
kind: Service
metadata: {name: ${name}, namespace: demo}
spec: {ports: [{name: http, port: 80}]}
---
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: ${name}-1, namespace: demo, labels: {kubernetes.io/service-name: ${name}}}
addressType: IPv4
ports: [{name: http, port: ${port}}]
endpoints: [{addresses: [127.0.0.1]}]
---
`;
}

const ROUTE = `
apiVersion: longshore.dev/v1alpha1
kind: WebSocketRoute
metadata: {name: app, namespace: demo}
spec:
  upstreams:
  - {name: app, service: {name: app, port: {number: 80}}}
  - {name: oauth2-proxy, service: {name: oauth2-proxy, port: {number: 80}}}
  locations:
  - {path: /oauth2, upstream: oauth2-proxy}
  - path: /
    upstream: app
    policy:
      auth:
        external:
          service: {name: oauth2-proxy, port: {number: 80}}
          path: /
          forwardHeaders: [Cookie]
          copyHeaders: [X-Auth-Request-User]
          recheck: 1s
          recheckGrace: 1m
---
`;

/** The cookies that an answer sets, as a client sends them. */
const cookies = (answer) =>
  answer.headers
    .getSetCookie()
    .map((cookie) => cookie.split(';')[0])
    .filter((cookie) => !/^[^=]+=$/.test(cookie))
    .join('; ');

test('a session of oauth2-proxy opens a WebSocket, and its end closes it', async (t) => {
  const { stdout } = await promisify(execFile)(BUILD, { maxBuffer: 1 << 24 });
  const binary = join(stdout.trim(), 'oauth2-proxy');
  const folder = await scratch(t);
  const htpasswd = join(folder, 'htpasswd');
  await writeFile(
    htpasswd,
    `jane:{SHA}${createHash('sha1').update('correct horse').digest('base64')}\n`,
  );
  const port = await freePort();
  let proxy = await oauth2Proxy(t, binary, port, htpasswd, 'a'.repeat(32));

  const users = [];
  const app = new WebSocketServer({ port: 0, host: '127.0.0.1' });
  t.after(() => app.close());
  app.on('connection', (socket, request) => {
    users.push(request.headers['x-auth-request-user']);
    socket.on('message', (data) => socket.send(data));
  });
  await once(app, 'listening');
  const manifests = await scratch(t);
  await writeFile(
    join(manifests, 'app.yaml'),
    service('app', app.address().port) + service('oauth2-proxy', port) + ROUTE,
  );
  const longshore = await Longshore.standalone(t, manifests);
  const site = `http://127.0.0.1:${longshore.http}`;

  // Who has no session is sent to sign in, with the cookie that guards the way back.
  const stranger = await fetch(`${site}/page?x=1`, { redirect: 'manual' });
  assert.equal(stranger.status, 302);
  assert.match(stranger.headers.get('location'), /^https:\/\/id\.example\.com\/authorize\?/);
  assert.match(cookies(stranger), /_oauth2_proxy_csrf/);
  const refused = new WebSocket(`ws://127.0.0.1:${longshore.http}/ws`);
  const [, answer] = await once(refused, 'unexpected-response');
  assert.equal(answer.statusCode, 302);
  refused.on('error', () => {});
  refused.terminate();

  // Signing in, by its own page.
  const signedIn = await fetch(`${site}/oauth2/sign_in`, {
    method: 'POST',
    redirect: 'manual',
    body: new URLSearchParams({ username: 'jane', password: 'correct horse', rd: '/page' }),
  });
  assert.equal(signedIn.status, 302);
  const session = cookies(signedIn);
  assert.match(session, /_oauth2_proxy=/);

  const socket = new WebSocket(`ws://127.0.0.1:${longshore.http}/ws`, {
    headers: { cookie: session, 'x-auth-request-user': 'root' },
  });
  await once(socket, 'open');
  await until('the backend to hear who it is', () => users.length > 0);
  assert.deepEqual(users, ['jane'], 'what oauth2-proxy says, and not the client');
  const asked = async () => {
    const metrics = await (await fetch(`http://127.0.0.1:${longshore.metricsPort}/metrics`)).text();
    return Number(/longshore_external_auth_total\{outcome="allowed"\} ([\d.]+)/.exec(metrics)[1]);
  };
  const before = await asked();
  await until('it to be asked again', async () => (await asked()) >= before + 2);
  socket.send('still here');
  const [echoed] = await once(socket, 'message');
  assert.equal(String(echoed), 'still here');

  // Not to be reached, it closes nothing; back with another secret, it knows no session of before.
  const closed = once(socket, 'close');
  proxy.kill('SIGKILL');
  await once(proxy, 'exit');
  await new Promise((resolve) => setTimeout(resolve, 2_500));
  assert.equal(socket.readyState, WebSocket.OPEN);
  proxy = await oauth2Proxy(t, binary, port, htpasswd, 'b'.repeat(32));
  const [code] = await closed;
  assert.equal(code, 1008);
  for (const out of [longshore.out, longshore.err]) {
    assert.ok(!out.includes(session.split('=')[1]), 'no cookie is logged');
  }
});

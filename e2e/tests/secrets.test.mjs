// What is secret is shown nowhere: not on a page, not in a log, not in what is said of a manifest that is wrong.
//
// Secrets come in from two sides, in manifests and in requests. Each is a word of its own that is looked for in all that
// a Longshore puts out, as it stands, in base64 at every offset, in hexadecimal and percent-encoded. That the keys of
// affinity, which a standalone makes up, and status and Events of a cluster have none: ShownNowhereTest.
import assert from 'node:assert/strict';
import { createHash, createHmac, generateKeyPairSync, randomBytes, sign } from 'node:crypto';
import { createServer } from 'node:http';
import { once } from 'node:events';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import WebSocket from 'ws';
import { Backend } from '../lib/backend.mjs';
import { connect, echo } from '../lib/client.mjs';
import { Longshore, scratch, until } from '../lib/longshore.mjs';
import { certificate, defaultSecret } from '../lib/tenants.mjs';

const PAGES = ['/config', '/connections', '/verdicts', '/endpoints', '/metrics', '/livez', '/readyz?verbose', '/'];

/** Words by what they are, each unlike everything else. */
class Planted {
  #words = new Map();

  /** A new one. */
  word(what) {
    const word = `pl4nted-${randomBytes(12).toString('hex')}`;
    this.#words.set(what, word);
    return word;
  }

  /** One that is given. */
  add(what, word) {
    this.#words.set(what, word);
    return word;
  }

  /** What of them stands in a text, in which form. */
  in(text) {
    const lower = text.toLowerCase();
    const found = [];
    for (const [what, word] of this.#words) {
      const bytes = Buffer.from(word);
      const forms = { plain: word, percent: encodeURIComponent(word) };
      for (let shift = 0; shift < 3; shift++) {
        // The characters at both ends depend on what is beside.
        const all = Buffer.concat([Buffer.alloc(shift), bytes]).toString('base64').replace(/=+$/, '');
        forms[`base64, offset ${shift}`] = all.slice(shift ? shift + 1 : 0, -2);
      }
      for (const [form, looked] of Object.entries(forms)) if (text.includes(looked)) found.push(`${what} (${form})`);
      if (lower.includes(bytes.toString('hex'))) found.push(`${what} (hexadecimal)`);
    }
    return found;
  }
}

const base64 = (text) => Buffer.from(text).toString('base64');
const opaque = (name, data) => `
apiVersion: v1
kind: Secret
type: Opaque
metadata: {name: ${name}, namespace: demo}
data: {${Object.entries(data).map(([key, value]) => `${key}: ${base64(value)}`).join(', ')}}
`;

const route = (name, host, port, location, more = '') => `
apiVersion: longshore.dev/v1alpha1
kind: WebSocketRoute
metadata: {name: ${name}, namespace: demo}
spec:
  hosts: [${host}]
  upstreams: [{name: pool, endpoints: [{address: 127.0.0.1, port: ${port}}]${more}}]
  locations:
  - ${location}
`;

const part = (value) => Buffer.from(JSON.stringify(value)).toString('base64url');

/** An issuer of tokens, whose signatures are of its key or of another one. */
class Issuer {
  #keys = generateKeyPairSync('ec', { namedCurve: 'P-256' });
  #other = generateKeyPairSync('ec', { namedCurve: 'P-256' });

  /** What verifies them, and a key that is none of anybody's business. */
  set(secret) {
    const key = { ...this.#keys.publicKey.export({ format: 'jwk' }), kid: 'one', alg: 'ES256', use: 'sig' };
    return JSON.stringify({ keys: [key, { kty: 'oct', kid: 'two', k: Buffer.from(secret).toString('base64url') }] });
  }

  token(claims, right = true) {
    const text = `${part({ alg: 'ES256', kid: 'one' })}.${part({ exp: Math.floor(Date.now() / 1000) + 600, ...claims })}`;
    const { privateKey } = right ? this.#keys : this.#other;
    return `${text}.${sign('sha256', Buffer.from(text), { key: privateKey, dsaEncoding: 'ieee-p1363' }).toString('base64url')}`;
  }

  /** Of a secret, which no set of public keys verifies. */
  symmetric(secret) {
    const text = `${part({ alg: 'HS256', kid: 'two' })}.${part({ sub: 'eve' })}`;
    return `${text}.${createHmac('sha256', secret).update(text).digest('base64url')}`;
  }
}

/** Routes that ask who comes, by a token, a password and a service. */
function authentication(planted, issuer, port, servicePort) {
  const at = (name, auth) =>
    route(name, `${name}.example.com`, port, `{path: /, pathType: Prefix, upstream: pool, policy: {auth: ${auth}}}`);
  const password = planted.word('a password');
  const digest = createHash('sha1').update(password).digest('base64');
  planted.add('its hash', digest);
  const secret = planted.word('a symmetric key');
  const from =
    '[{type: Header, name: Authorization}, {type: Query, name: access_token}, {type: Cookie, name: session}, {type: Subprotocol, name: bearer}]';
  return {
    password,
    secret,
    files: {
      'authentication.yaml': [
        opaque('keys', { 'jwks.json': issuer.set(secret) }),
        opaque('users', { auth: `jane:{SHA}${digest}\n` }),
        at('token', `{jwt: {jwks: {kind: Secret, name: keys}, from: ${from}}}`),
        at('password', '{basic: {secretName: users}}'),
        at('asked', '{external: {service: {name: asks, port: {number: 80}}, forwardHeaders: [Authorization, Cookie], cache: {key: [{type: Header, name: Authorization}], ttl: 1m}}}'),
        `
apiVersion: v1
kind: Service
metadata: {name: asks, namespace: demo}
spec: {ports: [{name: http, port: 80}]}`,
        `
apiVersion: discovery.k8s.io/v1
kind: EndpointSlice
metadata: {name: asks-1, namespace: demo, labels: {kubernetes.io/service-name: asks}}
addressType: IPv4
ports: [{name: http, port: ${servicePort}}]
endpoints: [{addresses: [127.0.0.1]}]`,
      ].join('\n---\n'),
      'mistaken.yaml': [
        opaque('crypted', { auth: `jane:$6$${planted.word('a salt')}$${planted.word('a hash of a kind that is not served')}\n` }),
        at('crypted', '{basic: {secretName: crypted}}'),
        opaque('unread', { 'jwks.json': `{"keys": [{"kty": "RSA", "d": "${planted.word('a key set that is none')}"` }),
        at('unread', '{jwt: {jwks: {kind: Secret, name: unread}}}'),
      ].join('\n---\n'),
    },
  };
}

/** Lets in who brings the word; refuses others, with a cookie of its own. */
async function authService(t, planted) {
  const right = planted.word('what the service lets in');
  const cookie = planted.word('a cookie of the service');
  const server = createServer((request, answer) => {
    const known = request.headers.authorization === `Bearer ${right}`;
    answer.writeHead(known ? 200 : 401, known ? {} : { 'set-cookie': `login=${cookie}`, 'www-authenticate': 'Bearer' });
    answer.end();
  }).listen(0, '127.0.0.1');
  await once(server, 'listening');
  t.after(() => server.close());
  return { port: server.address().port, right };
}

/** Credentials of every kind, right and wrong, where clients have them. */
async function credentials(planted, longshore, issuer, { password, secret }, right) {
  const open = (host, path, headers, protocols = []) =>
    new Promise((resolve, reject) => {
      const socket = new WebSocket(longshore.socketUrl(path), protocols, { headers: { host: `${host}.example.com`, ...headers } });
      socket.on('unexpected-response', (request, answer) => {
        request.destroy();
        resolve(answer.statusCode);
      });
      socket.on('error', reject);
      socket.once('message', () => {
        socket.close();
        resolve(101);
      });
    });
  const token = (what, good) => planted.add(what, issuer.token({ sub: planted.word(`the subject of ${what}`) }, good));
  for (const [good, status] of [[true, 101], [false, 401]]) {
    const kind = good ? 'a right' : 'a wrong';
    assert.equal(await open('token', '/h', { authorization: `Bearer ${token(`${kind} token in a header`, good)}` }), status);
    assert.equal(await open('token', `/q?a=1;access_token=${token(`${kind} token in a query`, good)}&b=2`, {}), status);
    assert.equal(await open('token', '/c', { cookie: `session=${token(`${kind} token in a cookie`, good)}` }), status);
    assert.equal(await open('token', '/s', {}, ['bearer', token(`${kind} token as a subprotocol`, good)]), status);
  }
  assert.equal(await open('token', '/x', { authorization: `Bearer ${planted.add('a symmetric token', issuer.symmetric(secret))}` }), 401);
  const basic = (pair) => ({ authorization: `Basic ${base64(pair)}` });
  assert.equal(await open('password', '/p', basic(`jane:${password}`)), 101);
  assert.equal(await open('password', '/p', basic(`jane:${planted.word('a wrong password')}`)), 401);
  assert.equal(await open('asked', '/a', { authorization: `Bearer ${right}`, cookie: `s=${planted.word('a cookie for the service')}` }), 101);
  assert.equal(await open('asked', '/a', { authorization: `Bearer ${planted.word('what the service refuses')}` }), 401);
  for (const host of ['crypted', 'unread']) {
    assert.equal(await open(host, '/m', basic(`jane:${password}`)), 503);
  }
}

/** Files of which each holds secrets: such as are served, and such as are wrong in every way. */
function manifests(planted, port, pair) {
  const header = (secret, key) =>
    `{path: /, pathType: Prefix, upstream: pool, policy: {headers: {request: {set: [{name: Authorization, valueFrom: {secretKeyRef: {name: ${secret}, key: ${key}}}}]}}}}`;
  const literal = planted.word('a literal header');
  const matched = planted.word('a condition');
  const other = certificate('other.example.com');
  planted.add('the key of a certificate', pair.key.split('\n')[1]);
  planted.add('the key of another certificate', other.key.split('\n')[1]);
  return {
    'config.yaml': `
apiVersion: longshore.dev/v1alpha1
kind: LongshoreConfig
metadata: {name: quick}
spec:
  defaultCertificate: {name: default, namespace: demo}
  processDrain: {delay: 0s, window: 1s, deadline: 1s}
`,
    'certificate.yaml': defaultSecret(pair, 'demo'),
    'served.yaml': [
      opaque('served', { token: `Bearer ${planted.word('a header from a Secret')}` }),
      route('served', 'served.example.com', port, header('served', 'token'), ', affinity: {cookie: {name: stick}}'),
      route('literal', 'literal.example.com', port, `{path: /, pathType: Prefix, upstream: pool, policy: {headers: {request: {set: [{name: X-Api-Key, value: ${literal}}]}}}}`),
      route('matched', 'matched.example.com', port, `{path: /, pathType: Prefix, upstream: pool, match: {headers: [{name: X-Token, value: ${matched}}], query: [{name: t, value: ${matched}}]}}`),
      route('matched-again', 'matched.example.com', port, `{path: /, pathType: Prefix, upstream: pool, match: {headers: [{name: X-Token, value: ${matched}}], query: [{name: t, value: ${matched}}]}}`),
    ].join('\n---\n'),
    'lines.yaml': [
      opaque('lines', { token: `${planted.word('a header of two lines')}\r\nX: ${planted.word('its second line')}` }),
      route('lines', 'lines.example.com', port, header('lines', 'token')),
    ].join('\n---\n'),
    'mismatched.yaml': defaultSecret({ chain: pair.chain, key: other.key }, 'demo').replace('default', 'mismatched') +
      `---${route('mismatched', 'mismatched.example.com', port, '{path: /, pathType: Prefix, upstream: pool}')}` +
      '  tls: [{hosts: [mismatched.example.com], secretName: mismatched}]\n',
    'garbled.yaml': defaultSecret({ chain: pair.chain, key: `-----BEGIN PRIVATE KEY-----\n${
      planted.word('a garbled key')}\n-----END PRIVATE KEY-----\n` }, 'demo').replace('default', 'garbled') +
      `---${route('garbled', 'garbled.example.com', port, '{path: /, pathType: Prefix, upstream: pool}')}` +
      '  tls: [{hosts: [garbled.example.com], secretName: garbled}]\n',
    'not-base64.yaml': `apiVersion: v1\nkind: Secret\nmetadata: {name: plain, namespace: demo}\ndata: {token: "${
      planted.word('data that is no base64')}!"}\n`,
    'not-a-string.yaml': `apiVersion: v1\nkind: Secret\nmetadata: {name: list, namespace: demo}\nstringData: {token: [${
      planted.word('data in a list')}]}\n`,
    'misplaced.yaml': `apiVersion: v1\nkind: Secret\nmetadata: {name: odd, namespace: demo}\nstringDate: {token: ${
      planted.word('data of an unknown field')}}\n`,
    'broken.yaml': `apiVersion: v1\nkind: Secret\nmetadata: {name: broken, namespace: demo}\nstringData:\n  token: "${
      planted.word('data in a string that never ends')}\n  other: : ${planted.word('data behind it')}\n`,
    'typo.yaml': route('typo', 'typo.example.com', port, `{path: /, pathType: Prefix, upstream: pool, policy: {headers: {request: {set: [{name: Authorization, valeu: ${
      planted.word('a literal of an unknown field')}}, {name: "bad name", value: ${planted.word('a literal of a wrong name')}}, {name: X-Api-Key, value: "${
      planted.word('a literal that no header can have')}\\u0001"}]}}}}`),
    'ingress.yaml': `
apiVersion: networking.k8s.io/v1
kind: Ingress
metadata:
  name: basic
  namespace: demo
  annotations:
    nginx.ingress.kubernetes.io/auth-type: basic
    nginx.ingress.kubernetes.io/auth-secret: demo/basic
    nginx.ingress.kubernetes.io/configuration-snippet: 'proxy_set_header Authorization "${planted.word('a snippet')}";'
    nginx.ingress.kubernetes.io/custom-headers: '${planted.word('custom headers')}'
    nginx.ingress.kubernetes.io/auth-url: 'https://user:${planted.word('the password of a URL')}@auth.example.com/'
spec:
  rules:
  - host: basic.example.com
    http: {paths: [{path: /, pathType: Prefix, backend: {service: {name: missing, port: {number: 80}}}}]}
---
${opaque('basic', { auth: `user:${planted.word('a password of basic auth')}` })}`,
  };
}

/** Requests with credentials wherever clients have them, answered and refused. */
async function requests(planted, longshore) {
  const secret = () => ({
    authorization: `Bearer ${planted.word('Authorization')}`,
    cookie: `session=${planted.word('a cookie')}`,
    'proxy-authorization': `Basic ${base64(`user:${planted.word('Proxy-Authorization')}`)}`,
    'x-api-key': planted.word('X-Api-Key'),
    'x-token': planted.word('X-Token'),
  });
  const query = () => `?access_token=${planted.word('a query')}&token=${planted.word('another query')}`;
  const refused = async (opened) => assert.ok((await opened.then(() => null, (error) => error))?.status >= 400);
  const { socket } = await connect(longshore.socketUrl(`/socket${query()}`), { host: 'served.example.com', ...secret() });
  const protocol = planted.word('a subprotocol');
  await assert.doesNotReject(echo(socket, planted.word('a message')));
  for (const host of ['nobody.example.com', 'lines.example.com', 'matched.example.com', 'typo.example.com']) {
    await refused(connect(longshore.socketUrl(`/refused${query()}`), { host, ...secret(), 'sec-websocket-protocol': protocol }));
  }
  await refused(connect(longshore.socketUrl(`/a%2/${query()}`), { host: 'served.example.com', ...secret() }));
  await refused(connect(longshore.socketUrl(`/version${query()}`), { host: 'served.example.com', ...secret() }, { protocolVersion: 8 }));
  return socket;
}

for (const [format, report] of [['text', 'table'], ['json', 'json']]) {
  test(`secrets are shown nowhere, logs as ${format}`, { timeout: 120_000 }, async (t) => {
    const planted = new Planted();
    const folder = await scratch(t);
    const backend = await Backend.start(t, 'one');
    const pair = certificate('served.example.com');
    const issuer = new Issuer();
    const service = await authService(t, planted);
    const auth = authentication(planted, issuer, backend.port, service.port);
    for (const [name, text] of Object.entries({ ...manifests(planted, backend.port, pair), ...auth.files })) {
      await writeFile(join(folder, name), text);
    }
    const longshore = await Longshore.standalone(t, folder, '--https', '127.0.0.1:0', '--log-format', format);
    await credentials(planted, longshore, issuer, auth, service.right);
    const upstream = backend.upgrades.map(({ url, headers }) => `${url} ${headers['sec-websocket-protocol'] ?? ''}`).join('\n');
    assert.deepEqual(planted.in(upstream), [], 'no token goes to the backend by query or subprotocol');
    const socket = await requests(planted, longshore);
    assert.match(backend.upgrades.at(-1).headers.authorization, /^Bearer pl4nted/, 'the backend gets it');

    const shown = {};
    for (const page of PAGES) {
      for (const port of [longshore.admin, longshore.metricsPort]) {
        const answer = await fetch(`http://127.0.0.1:${port}${page}`);
        shown[`${page} at ${port}`] = await answer.text();
      }
    }
    assert.match(shown[`/config at ${longshore.admin}`], /\[redacted\]/);
    assert.match(shown[`/connections at ${longshore.admin}`], /served/);
    socket.close();
    await until('the line of a tunnel that ended', () => /\/socket/.test(longshore.out));
    assert.equal(await longshore.end(), 0);
    shown.output = longshore.out;
    shown.log = longshore.err;
    // What is wrong was said, or there would be nothing in which it could stand.
    for (const file of ['lines', 'mismatched', 'garbled', 'not-base64', 'not-a-string', 'misplaced', 'broken', 'typo', 'ingress', 'mistaken']) {
      assert.ok(shown.output.includes(`${file}.yaml`), `nothing is said of ${file}.yaml:\n${shown.output}`);
    }
    for (const [where, text] of Object.entries(shown)) {
      assert.deepEqual(planted.in(text), [], `${where}:\n${text}`);
    }
  });
  test(`nor by check, as ${report}`, { timeout: 60_000 }, async (t) => {
    const planted = new Planted();
    const folder = await scratch(t);
    for (const [name, text] of Object.entries(manifests(planted, 9, certificate('served.example.com')))) {
      await writeFile(join(folder, name), text);
    }
    const check = await Longshore.run('check', folder, '-o', report);
    assert.equal(check.exit, 1, check.err);
    assert.match(check.out, /broken\.yaml/);
    assert.deepEqual(planted.in(check.out + check.err), [], check.out);
  });
}

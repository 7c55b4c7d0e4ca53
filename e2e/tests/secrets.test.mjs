// What is secret is shown nowhere: not on a page, not in a log, not in what is said of a manifest that is wrong.
//
// Secrets come in from two sides, in manifests and in requests. Each is a word of its own that is looked for in all that
// a Longshore puts out, as it stands, in base64 at every offset, in hexadecimal and percent-encoded. That the keys of
// affinity, which a standalone makes up, and status and Events of a cluster have none: ShownNowhereTest.
import assert from 'node:assert/strict';
import { randomBytes } from 'node:crypto';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
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
    for (const [name, text] of Object.entries(manifests(planted, backend.port, pair))) {
      await writeFile(join(folder, name), text);
    }
    const longshore = await Longshore.standalone(t, folder, '--https', '127.0.0.1:0', '--log-format', format);
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
    for (const file of ['lines', 'mismatched', 'garbled', 'not-base64', 'not-a-string', 'misplaced', 'broken', 'typo', 'ingress']) {
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

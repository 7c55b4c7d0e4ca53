// The worst that a tenant may write: manifests that cost who reads, translates, applies or serves them.
import { execFileSync } from 'node:child_process';
import { mkdtempSync, readFileSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { fileURLToPath } from 'node:url';

const EVIL = 'evil';

/** A WebSocketRoute to one static endpoint; `locations` are lines of YAML. */
export const route = (name, host, port, locations, namespace = 'demo') => `
apiVersion: longshore.dev/v1alpha1
kind: WebSocketRoute
metadata: {name: ${name}, namespace: ${namespace}}
spec:
  hosts: ["${host}"]
  upstreams: [{name: pool, endpoints: [{address: 127.0.0.1, port: ${port}}]}]
  locations:
${locations}
`;

export const prefix = (path, more = '') => `  - {path: "${path}", pathType: Prefix, upstream: pool${more}}`;

const times = (count, make) => Array.from({ length: count }, (_, i) => make(i));
const base64 = (text) => Buffer.from(text).toString('base64');

const secret = (name, pair, namespace = EVIL) => `
apiVersion: v1
kind: Secret
type: kubernetes.io/tls
metadata: {name: ${name}, namespace: ${namespace}}
data: {tls.crt: ${base64(pair.chain)}, tls.key: ${base64(pair.key)}}
`;

/** A certificate that clients of a test needn't believe, and its key, both PEM. */
export function certificate(name) {
  const folder = mkdtempSync(join(tmpdir(), 'longshore-e2e-'));
  try {
    const [key, chain] = [join(folder, 'key'), join(folder, 'chain')];
    execFileSync('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30', '-subj', `/CN=${name}`,
      '-addext', `subjectAltName=DNS:${name}`, '-keyout', key, '-out', chain], { stdio: 'ignore' });
    return { key: readFileSync(key, 'utf8'), chain: readFileSync(chain, 'utf8') };
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What a LongshoreConfig's defaultCertificate names. */
export const defaultSecret = (pair, namespace) => secret('default', pair, namespace);

/** Strings of one String.hashCode. */
const collide = (i, length) => times(length, (bit) => (i >> bit & 1 ? 'Aa' : 'BB')).join('');

/** As many different certificates as wanted: a trust anchor's signature is never verified, so one is enough. */
function bundle(pem, from, count) {
  const der = Buffer.from(pem.replace(/-----.*-----|\s/g, ''), 'base64');
  const places = [...der.toString('latin1').matchAll(/anchor-\d{6}/g)].map(({ index }) => index);
  return times(count, (i) => {
    const copy = Buffer.from(der);
    places.forEach((at) => copy.write(`anchor-${String(from + i).padStart(6, '0')}`, at, 'latin1'));
    return `-----BEGIN CERTIFICATE-----\n${copy.toString('base64')}\n-----END CERTIFICATE-----\n`;
  }).join('');
}

const configMap = (name, text) => `
apiVersion: v1
kind: ConfigMap
metadata: {name: ${name}, namespace: ${EVIL}}
data: {ca.crt: ${JSON.stringify(text)}}
`;

const trusting = (name, port, refs) => `
apiVersion: longshore.dev/v1alpha1
kind: WebSocketRoute
metadata: {name: ${name}, namespace: ${EVIL}}
spec:
  hosts: [${name}.example.com]
  upstreams:
${times(64, (i) => `  - {name: p${i}, protocol: wss, tls: {serverName: a.example.com, caCertificateRefs: [${
    refs(i).map((ref) => `{kind: ConfigMap, name: ${ref}}`).join(', ')}]}, endpoints: [{address: 127.0.0.1, port: ${port}}]}`)
    .join('\n')}
  locations:
${times(64, (i) => `  - {path: /${i}, pathType: Prefix, upstream: p${i}}`).join('\n')}
`;

const probed = (name, port, endpoints) => `
apiVersion: longshore.dev/v1alpha1
kind: WebSocketRoute
metadata: {name: ${name}, namespace: ${EVIL}}
spec:
  hosts: [${name}.example.com]
  upstreams:
${times(64, (i) => `  - name: p${i}
    healthCheck: {active: {type: HTTP, interval: 100ms, timeout: 100ms, path: /${i}}}
    endpoints: [${times(endpoints, (j) => `{address: 127.1.${i}.${j + 1}, port: ${port}}`).join(', ')}]`).join('\n')}
  locations:
${times(64, (i) => `  - {path: /${i}, pathType: Prefix, upstream: p${i}}`).join('\n')}
`;

/** Endpoints that nobody can reach, each in its way. */
const unreachable = ['fd00::1', '240.0.0.1', '0.0.0.1', '::ffff:0:1', '2001:db8::1', '255.255.255.255'];

/**
 * The worst objects of a tenant in the namespace `evil`, all for the host evil.example.com or others that begin so.
 *
 * @param port of a backend
 * @param self port of the Longshore that is to serve them
 * @return of each what it is, the documents of each of its edits, and the target that a client asks for
 */
export function worst({ port, self }) {
  const anchor = certificate('anchor-000000').chain;
  // RSA of 16,384 bits, which takes minutes to make: openssl req -x509 -newkey rsa:16384 -nodes -days 36500
  const rsa = Object.fromEntries(['key', 'chain'].map((part) =>
    [part, readFileSync(fileURLToPath(new URL(`rsa-16384-${part}.pem`, import.meta.url)), 'utf8')]));
  const shared = bundle(anchor, 0, 200);
  const own = times(8, (i) => bundle(anchor, 1000 * (i + 1), 300));
  // An edit is one that has to be served: another port. What is behind it doesn't matter.
  const to = (edit) => (edit % 2 ? port : 9);
  const long = 'ab'.repeat(1800);
  return [
    {
      what: '20,000 paths whose names collide',
      manifests: (edit) => times(157, (n) => route(`evil-${n}`, 'evil.example.com', to(n === 0 ? edit : 0),
        times(128, (i) => prefix(`/${collide(n * 128 + i, 15)}`)).join('\n'), EVIL)),
      target: `/${collide(77, 15)}`,
    },
    {
      what: 'more small rules than a namespace may have',
      manifests: (edit) => times(200, (n) => route(`evil-${n}`, `evil-${n}.example.com`, to(n === 0 ? edit : 0),
        times(128, (i) => prefix(`/${i}`)).join('\n'), EVIL)),
      target: '/1',
    },
    {
      what: 'one object of 8,192 rules',
      manifests: (edit) => [route('evil', 'evil.example.com', to(edit),
        times(128, (i) => prefix(`/${i}`)).join('\n'), EVIL).replace('hosts: [',
        `hosts: [${times(63, (i) => `"evil-${i}.example.com", `).join('')}`)],
      target: '/1',
    },
    {
      what: 'a hundred patterns',
      manifests: (edit) => [route('evil', 'evil.example.com', to(edit), times(128, (i) =>
        `  - {path: "/(a|b|ab|ba)*(c|d){1,9}x${i}", pathType: Regex, upstream: pool}`).join('\n'), EVIL)],
      target: `/${long}`,
    },
    {
      what: 'conditions on the query',
      manifests: (edit) => [route('evil', 'evil.example.com', to(edit), times(128, (i) =>
        `  - {path: /, pathType: Prefix, upstream: pool, match: {query: [${
          times(16, (j) => `{name: a${j}, value: "${i}"}`).join(', ')}]}}`).join('\n'), EVIL)],
      target: `/?${'a=b&%61=c&'.repeat(700)}`,
    },
    {
      what: 'a route to the proxy itself',
      manifests: (edit) => [route('evil', 'evil.example.com', self, prefix(`/${edit}`), EVIL)],
      target: '/1',
    },
    {
      what: 'certificates to trust, for thousands of pools',
      manifests: (edit) => [
        configMap('shared', shared), ...own.map((text, i) => configMap(`own-${i}`, text)),
        configMap('beyond', bundle(anchor, 500_000, 600)),
        ...times(40, (n) => trusting(`evil-${n}`, to(n === 0 ? edit : 0), () => ['shared'])),
        ...times(8, (n) => trusting(`evil-own-${n}`, port, (i) => [`own-${(n + i) % 3}`, `own-${n}`])),
        trusting('evil-beyond', port, () => ['beyond']),
      ],
      target: '/1',
    },
    {
      what: 'keys that cost much to compute with',
      manifests: (edit) => [
        ...times(20, (n) => secret(`rsa-${n}`, rsa)),
        ...times(20, (n) => `${route(`evil-${n}`, `evil-${n}.example.com`, to(edit), prefix('/'), EVIL)}  tls: [{hosts: [evil-${
          n}.example.com], secretName: rsa-${n}}]\n`),
      ],
      target: '/',
    },
    {
      what: 'one scalar of megabytes',
      manifests: (edit) => [route('evil', 'evil.example.com', to(edit), prefix('/'), EVIL)
        .replace('namespace: evil}', `namespace: evil, annotations: {a: "${'\\u0041 \\\n '.repeat(400_000)}"}}`)],
      target: '/',
    },
    {
      what: 'probes of thousands of endpoints',
      manifests: (edit) => [probed('evil', to(edit), 200)],
      target: '/1',
    },
    {
      what: "claims of others' hosts",
      manifests: (edit) => ['chat.example.com', '*.example.com', 'moved.example.com'].map((host, n) =>
        route(`evil-${n}`, host, to(edit), prefix('/'), EVIL)),
      target: '/',
    },
    {
      what: 'endpoints that nobody can reach',
      manifests: (edit) => [`
apiVersion: longshore.dev/v1alpha1
kind: WebSocketRoute
metadata: {name: evil, namespace: ${EVIL}}
spec:
  hosts: [evil.example.com]
  upstreams: [{name: pool, endpoints: [${
    unreachable.map((address) => `{address: "${address}", port: ${to(edit)}}`).join(', ')}]}]
  locations:
${prefix('/', ', policy: {timeouts: {connect: 200ms}}')}
`],
      target: '/',
    },
  ];
}

// What docs/cert-manager.md promises, with the real cert-manager and an ACME server: issue, renewal and repair by HTTP-01.
import assert from 'node:assert/strict';
import { once } from 'node:events';
import { request } from 'node:http';
import { before, test } from 'node:test';
import { connect as connectTls } from 'node:tls';
import { Acme, Ingresses } from '../../lib/acme.mjs';
import { connect, echo } from '../../lib/client.mjs';
import { cluster, installed, kustomization, loadImage, logs, NAMESPACE, programmed, rollout } from '../../lib/installation.mjs';
import { until } from '../../lib/longshore.mjs';

const BACKEND = { service: { name: 'echo', port: { name: 'ws' } } };
/** Enough new connections that every data plane has answered some. */
const CONNECTIONS = 10;

const tls = (name) => [{ hosts: [`${name}.example.com`], secretName: `${name}-tls` }];

function ingress(name, host, path, annotations, more) {
  return {
    apiVersion: 'networking.k8s.io/v1',
    kind: 'Ingress',
    metadata: { name, namespace: 'demo', annotations },
    spec: {
      ingressClassName: 'longshore',
      rules: [{ host: `${host}.example.com`, http: { paths: [{ path, pathType: 'Prefix', backend: BACKEND }] } }],
      ...more,
    },
  };
}

/** A host of each kind that has a certificate, and one that sends everybody to https beside the first. */
const RESOURCES = [
  ingress('chat', 'chat', '/', { 'cert-manager.io/issuer': 'pebble' }, { tls: tls('chat') }),
  ingress('pages', 'chat', '/pages', { 'nginx.ingress.kubernetes.io/force-ssl-redirect': 'true' }),
  ingress('edited', 'edited', '/',
    { 'cert-manager.io/issuer': 'pebble', 'acme.cert-manager.io/http01-edit-in-place': 'true' }, { tls: tls('edited') }),
  {
    apiVersion: 'cert-manager.io/v1',
    kind: 'Certificate',
    metadata: { name: 'route-tls', namespace: 'demo' },
    spec: {
      secretName: 'route-tls',
      dnsNames: ['route.example.com'],
      issuerRef: { name: 'pebble', kind: 'Issuer' },
      privateKey: { algorithm: 'ECDSA', size: 256 },
    },
  },
  {
    apiVersion: 'longshore.dev/v1alpha1',
    kind: 'WebSocketRoute',
    metadata: { name: 'route', namespace: 'demo' },
    spec: {
      ingressClassName: 'longshore',
      hosts: ['route.example.com'],
      tls: [{ secretName: 'route-tls' }],
      upstreams: [{ name: 'echo', ...BACKEND }],
      locations: [{ path: '/', upstream: 'echo' }],
    },
  },
];
const NAMES = ['chat', 'edited', 'route'];

/** An address of the Service, and what answers there. */
class Front {
  constructor(http, https) {
    this.http = http;
    [this.address, this.port] = https.split(/:(?=\d+$)/);
  }

  /** GET in the clear: [status, Location]. */
  async get(name, path) {
    const asked = request(`http://${this.http}${path}`, { headers: { host: `${name}.example.com` }, agent: false, timeout: 20_000 });
    asked.on('timeout', () => asked.destroy(new Error(`no answer of ${name}${path}`))).end();
    const [response] = await once(asked, 'response');
    response.resume();
    return [response.statusCode, response.headers.location];
  }

  /** The serial number of the certificate that a new connection is shown, if it can be trusted. */
  async serial(name, ca) {
    const host = `${name}.example.com`;
    const socket = connectTls({ host: this.address, port: this.port, servername: host, ca });
    try {
      await once(socket, 'secureConnect');
      return socket.getPeerCertificate().serialNumber;
    } finally {
      socket.destroy();
    }
  }

  /** All data planes show a certificate that isn't the old one; returns its serial number. */
  async renewed(name, ca, old) {
    let serial;
    await until(`another certificate of ${name}`, async () => {
      const serials = [];
      for (let i = 0; i < CONNECTIONS; i++) serials.push(await this.serial(name, ca).catch(() => null));
      [serial] = serials;
      return serial && serial !== old && serials.every((one) => one === serial);
    }, 60_000);
    return serial;
  }

  open(name, ca) {
    const host = `${name}.example.com`;
    return connect(`wss://${this.address}:${this.port}/`, { host }, { ca, servername: host });
  }
}

/** Asks again and again what is said to browsers in the clear, and of handshakes, until it is stopped. */
async function asking(front, ca, state) {
  const said = new Set();
  while (!state.stopped) {
    said.add(JSON.stringify(await front.get('chat', '/pages?of=1')));
    for (const name of NAMES) said.add(await front.serial(name, ca).then(() => 'trusted', (problem) => problem.message));
    await new Promise((resolve) => setTimeout(resolve, 50));
  }
  return [...said].sort();
}

before(loadImage);

test('cert-manager issues, renews and repairs certificates through Longshore', { timeout: 2_400_000 }, async (t) => {
  let ca;
  let serials;
  const folder = await installed(t);
  await kustomization(folder, 'default', []);
  await cluster.kubectl('apply', '-k', folder);
  await rollout('longshore-operator');
  await rollout('longshore-dataplane');
  await cluster.kubectl('apply', '-f', new URL('../../../deploy/samples-cluster/echo.yaml', import.meta.url).pathname);
  await programmed('echo');
  const [http, https] = await Promise.all([80, 443].map((port) => cluster.address(NAMESPACE, 'longshore-dataplane', port)));
  const front = new Front(http, https);
  const acme = await Acme.start(t, http.replace(/:\d+$/, ''));
  const ingresses = Ingresses.watch(t, 'demo');

  /** The last challenge of a host, in the form that cert-manager has given to it. */
  const challenge = (name) => ingresses.challenges(`${name}.example.com`).at(-1) ?? assert.fail(`no challenge of ${name}`);

  const assertChallenges = (seen) => {
    for (const name of ['chat', 'route']) {
      const [{ metadata, spec }, { pathType }] = challenge(name);
      assert.equal(metadata.annotations['nginx.ingress.kubernetes.io/whitelist-source-range'], '0.0.0.0/0,::/0');
      assert.match(metadata.name, /^cm-acme-http-solver-/);
      assert.equal(spec.ingressClassName, 'longshore');
      assert.equal(spec.tls, undefined);
      assert.equal(pathType, 'Exact');
    }
    assert.equal(challenge('edited')[0].metadata.name, 'edited');
    const paths = NAMES.flatMap((name) => challenge(name)[1].path);
    assert.deepEqual(paths.filter((path) => seen.has(path)), [], 'no challenge was new');
    paths.forEach((path) => seen.add(path));
  };
  const seen = new Set();

  await t.test('before it is issued nobody is sent to https', async () => {
    await cluster.apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items: RESOURCES }));
    for (const [name, path] of [['chat', '/'], ['chat', '/pages'], ['edited', '/'], ['route', '/']]) {
      await until(`503 of ${name}${path}`, async () => (await front.get(name, path))[0] === 503, 60_000);
    }
  });

  await t.test('the first issue', async () => {
    await acme.issuer('demo', 'longshore');
    await Promise.all(NAMES.map((name) => acme.issued('demo', `${name}-tls`, 1)));
    ca = await acme.root();
    serials = await Promise.all(NAMES.map((name) => front.renewed(name, ca)));
    for (const name of NAMES) {
      await until(`a redirect of ${name}`, async () => (await front.get(name, '/x'))[1] === `https://${name}.example.com/x`);
      const { socket } = await front.open(name, ca);
      assert.equal(await echo(socket, 'over TLS'), 'over TLS');
      socket.terminate();
    }
    assertChallenges(seen);
  });

  /** All get another certificate by `cause`, and no tunnel and no browser notices. */
  const replaced = async (cause, count) => {
    const ended = [];
    const sockets = await Promise.all(NAMES.map(async (name) => {
      const { socket } = await front.open(name, ca);
      socket.on('close', (code) => ended.push([name, code]));
      t.after(() => socket.terminate());
      return socket;
    }));
    const state = { stopped: false };
    const asked = asking(front, ca, state);
    try {
      await Promise.all(NAMES.map(cause));
      await Promise.all(NAMES.map((name) => acme.issued('demo', `${name}-tls`, count)));
      serials = await Promise.all(NAMES.map((name, i) => front.renewed(name, ca, serials[i])));
    } finally {
      state.stopped = true;
    }
    assertChallenges(seen);
    await Promise.all(sockets.map(async (socket, i) => assert.equal(await echo(socket, `message ${i}`), `message ${i}`)));
    assert.deepEqual(ended, []);
    return asked;
  };

  await t.test('a renewal drops no tunnel and is noticed by nobody', async () => {
    const said = await replaced((name) => acme.renew('demo', `${name}-tls`), 2);
    assert.deepEqual(said, ['[308,"https://chat.example.com/pages?of=1"]', 'trusted']);
  });

  await t.test('a Secret that was emptied is repaired, and tunnels stay', async () => {
    await replaced((name) => cluster.kubectl('patch', '-n', 'demo', 'secret', `${name}-tls`,
      '-p', JSON.stringify({ data: { 'tls.crt': '', 'tls.key': '' } })), 3);
    await until('a redirect', async () => (await front.get('chat', '/pages'))[0] === 308);
  });

  await t.test('nothing is left of the challenges, and nobody complained', async () => {
    await until('the end of all challenges', async () => {
      const { items } = await cluster.get('-n', 'demo', 'ingress');
      return !JSON.stringify(items.map(({ spec }) => spec)).includes('acme-challenge');
    }, 60_000);
    for (const component of ['operator', 'dataplane']) {
      assert.doesNotMatch(await logs(component), /forbidden|"level":"ERROR"/i);
    }
  });
});

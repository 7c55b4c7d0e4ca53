// As a new user does it, by docs/install.md and docs/operate.md: install, try, configure, update, uninstall.
import assert from 'node:assert/strict';
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { before, test } from 'node:test';
import { connect, echo } from '../../lib/client.mjs';
import { run } from '../../lib/cluster.mjs';
import { assertPolite, assertSpread, Fleet } from '../../lib/fleet.mjs';
import {
  NAMESPACE, WAIT, cluster, installed, kustomization, loadImage, logs, patch, programmed, rollout, served,
} from '../../lib/installation.mjs';
import { ROOT, until } from '../../lib/longshore.mjs';

const TUNNELS = 500;
const CLIENTS = 2000;
const WINDOW_S = 10;
/** What drain.window is when nothing is said. */
const DRAIN_S = 20;

/** Tunnels that remember where they went and how they ended. */
class Tunnels {
  backends = new Set();
  ended = [];

  static async open(count, address, host) {
    const tunnels = new Tunnels();
    tunnels.sockets = [];
    // Some at a time: a small node has other things to do than to shake 500 hands at once.
    while (tunnels.sockets.length < count) {
      tunnels.sockets.push(...await Promise.all(Array.from({ length: Math.min(50, count - tunnels.sockets.length) }, async () => {
        const { socket, backend } = await connect(`ws://${address}/`, { host });
        tunnels.backends.add(JSON.parse(backend).backend);
        socket.on('close', (code) => tunnels.ended.push(code));
        return socket;
      })));
    }
    return tunnels;
  }

  async assertOpen() {
    assert.deepEqual(this.ended, []);
    await Promise.all(this.sockets.map(async (socket, i) => assert.equal(await echo(socket, `message ${i}`), `message ${i}`)));
  }

  end() {
    for (const socket of this.sockets) socket.terminate();
  }
}

/** The route of the sample on a host of its own, with a change. */
function variant(name, change, namespace = 'demo') {
  const spec = {
    ingressClassName: 'longshore',
    hosts: [`${name}.example.com`],
    upstreams: [{ name: 'echo', service: { name: 'echo', port: { name: 'ws' } } }],
    locations: [{ path: '/', pathType: 'Prefix', upstream: 'echo' }],
  };
  change(spec);
  return { apiVersion: 'longshore.dev/v1alpha1', kind: 'WebSocketRoute', metadata: { name, namespace }, spec };
}

/** kubectl describe says this, which takes until the Event is written. */
async function described(kind, { metadata: { name, namespace } }, pattern) {
  let said;
  await until(`${pattern} of ${name}`, async () =>
    pattern.test(said = await cluster.kubectl('describe', kind, '-n', namespace, name)))
    .catch(() => assert.match(said, pattern));
}

/** What docs/operate.md asks a data plane by `kubectl port-forward`. */
async function forwarded(port, ask) {
  const forward = spawn('kubectl', ['port-forward', '-n', NAMESPACE, 'deployment/longshore-dataplane', `:${port}`],
    { env: cluster.env, stdio: ['ignore', 'pipe', 'inherit'] });
  try {
    let said = '';
    forward.stdout.setEncoding('utf8').on('data', (text) => (said += text));
    const [, local] = await until('a forwarded port', () => said.match(/127\.0\.0\.1:(\d+)/));
    return await ask(`http://127.0.0.1:${local}`);
  } finally {
    forward.kill();
    await once(forward, 'close');
  }
}

const text = async (url) => (await fetch(url)).text();

/** Everything that bears our label, in any namespace or none; CRDs are told by their group. */
async function traces() {
  const kinds = (await cluster.kubectl('api-resources', '--verbs=list,delete', '-o', 'name')).trim().split('\n')
    .filter((name) => !/^events|^podmetrics|^nodemetrics/.test(name));
  const labelled = await cluster.kubectl('get', kinds.join(','), '-A', '-l', 'app.kubernetes.io/part-of=longshore', '-o', 'name');
  const namespaces = await cluster.kubectl('get', 'namespaces', '-o', 'name');
  return [...labelled.split('\n'), ...namespaces.split('\n').filter((name) => /longshore/.test(name)),
    ...kinds.filter((name) => name.endsWith('longshore.dev'))].filter(Boolean);
}

before(loadImage);

test('install, serve, update, uninstall', { timeout: 2_400_000 }, async (t) => {
  let tunnels;
  let address;
  t.after(() => tunnels?.end());
  const folder = await installed(t);

  await t.test('one apply installs it', async () => {
    await kustomization(folder, 'default', []);
    const said = await cluster.kubectl('apply', '-k', folder);
    assert.match(said, /deployment.apps\/longshore-operator created/, 'something was installed before');
    await rollout('longshore-operator');
    await rollout('longshore-dataplane');
    await until('two data planes', async () =>
      (await cluster.get('-n', NAMESPACE, 'deployment', 'longshore-dataplane')).status.readyReplicas === 2, 120_000);
    const pods = (await cluster.get('-n', NAMESPACE, 'pods')).items;
    assert.deepEqual(pods.flatMap((pod) => pod.status.containerStatuses.map((one) => one.restartCount)).filter(Boolean), []);
  });

  await t.test('a sample is programmed, and a WebSocket client echoes', async () => {
    await cluster.kubectl('apply', '-f', join(ROOT, 'deploy/samples-cluster/echo.yaml'));
    await cluster.kubectl('rollout', 'status', '-n', 'demo', 'deployment/echo', WAIT);
    await programmed('echo');
    address = await cluster.address(NAMESPACE, 'longshore-dataplane', 80);
    await served(address, 'echo.example.com');
    assert.match(await cluster.kubectl('get', 'wsr', '-A'), /demo +echo +.*echo\.example\.com.* +True +True/);
    const { status } = await cluster.get('-n', 'demo', 'wsr', 'echo');
    assert.deepEqual(status.addresses, [{ type: 'IPAddress', value: address.replace(/:80$/, '') }]);
    assert.deepEqual(status.dataPlanes, { ready: 2, programmed: 2 });
    tunnels = await Tunnels.open(TUNNELS, address, 'echo.example.com');
    await tunnels.assertOpen();
    assert.equal(tunnels.backends.size, 2, 'both backends are used');
  });

  await t.test('an annotated Ingress with TLS is served', async () => {
    const [key, certificate] = [join(folder, 'tls.key'), join(folder, 'tls.crt')];
    await run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30',
      '-subj', '/CN=tls.example.com', '-addext', 'subjectAltName=DNS:tls.example.com', '-keyout', key, '-out', certificate]);
    await cluster.kubectl('create', 'secret', 'tls', 'tls-example-com', '-n', 'demo', '--key', key, '--cert', certificate);
    await cluster.kubectl('apply', '-f', join(ROOT, 'deploy/samples-cluster/ingress-tls.yaml'));
    // It comes when every data plane has the Ingress: before that another one may answer the next connection.
    await until('the address in its status', async () =>
      (await cluster.get('-n', 'demo', 'ingress', 'echo-tls')).status?.loadBalancer?.ingress?.[0]?.ip === address.replace(/:80$/, ''));
    const secure = await cluster.address(NAMESPACE, 'longshore-dataplane', 443);
    const ca = await readFile(certificate);
    const open = (headers) => connect(`wss://${secure}/`, { host: 'tls.example.com', ...headers },
      { ca, servername: 'tls.example.com' });
    let problem;
    const { socket } = await until('an answer over TLS', () => open().catch((error) => void (problem = error)), 60_000)
      .catch((late) => Promise.reject(problem ?? late));
    assert.equal(await echo(socket, 'over TLS'), 'over TLS');
    socket.terminate();
    await assert.rejects(open({ origin: 'https://evil.example' }), { status: 403 });
  });

  await t.test('a data plane shows its own view', async () => {
    await forwarded(9090, async (url) => {
      assert.match(await text(`${url}/readyz?verbose`), /^ready\n[^]*operators connected: 2 of 2/);
      assert.match(await text(`${url}/connections?route=demo/echo`), /echo\.example\.com/);
    });
    await forwarded(9091, async (url) => assert.match(await text(`${url}/metrics`), /^longshore_tunnels_open/m));
  });

  await t.test('wrong resources say why, in their status and by Events', async () => {
    await assert.rejects(cluster.apply(JSON.stringify(variant('unknown-upstream', ({ locations }) => (locations[0].upstream = 'gone')))),
      /spec\.locations: .*upstream must be the name of one/);
    const elsewhere = await cluster.namespace(t, 'elsewhere');
    const ingress = await cluster.get('-n', 'demo', 'ingress', 'echo-tls');
    const routes = {
      service: [variant('service', ({ upstreams }) => (upstreams[0].service.name = 'gone')),
        'ResolvedRefs', 'ServiceNotFound', /Service .*gone/],
      regex: [variant('regex', ({ locations }) => Object.assign(locations[0], { pathType: 'Regex', path: '/(unclosed' })),
        'Accepted', 'Invalid', /spec\.locations\[0\]\.path/],
      static: [variant('static', ({ upstreams }) => {
        delete upstreams[0].service;
        upstreams[0].endpoints = [{ address: '192.0.2.1', port: 80 }];
      }), 'Accepted', 'NotAllowed', /spec\.upstreams\[0\]\.endpoints/],
      thief: [variant('thief', (spec) => (spec.hosts = ['echo.example.com']), elsewhere),
        'Accepted', 'NotAllowed', /echo\.example\.com/],
    };
    const annotated = {
      apiVersion: ingress.apiVersion,
      kind: ingress.kind,
      metadata: { name: 'annotated', namespace: 'demo', annotations: { 'longshore.dev/idle-timeout': 'soon' } },
      spec: { ingressClassName: 'longshore', rules: [{ ...ingress.spec.rules[0], host: 'annotated.example.com' }] },
    };
    const items = [...Object.values(routes).map(([route]) => route), annotated];
    await cluster.apply(JSON.stringify({ apiVersion: 'v1', kind: 'List', items }));
    for (const [route, condition, reason, message] of Object.values(routes)) {
      const { name, namespace } = route.metadata;
      await cluster.kubectl('wait', '-n', namespace, `--for=condition=${condition}=False`, `wsr/${name}`, WAIT);
      const { status } = await cluster.get('-n', namespace, 'wsr', name);
      const found = status.conditions.find(({ type }) => type === condition);
      assert.equal(found.reason, reason, `${name}: ${found.message}`);
      assert.match(found.message, message);
      await described('wsr', route, new RegExp(`Warning +${reason} .*${message.source}`));
    }
    await described('ingress', annotated, /Warning .*longshore\.dev\/idle-timeout/);
    await cluster.kubectl('delete', '-n', 'demo', 'wsr/service', 'wsr/regex', 'wsr/static', 'ingress/annotated');
    await cluster.kubectl('delete', '-n', elsewhere, 'wsr/thief');
    await tunnels.assertOpen();
  });

  await t.test('settings are added without dropping a tunnel', async () => {
    await kustomization(folder, 'default', ['longshoreconfig', 'default-class'], patch('LongshoreConfig', 'longshore',
      { op: 'replace', path: '/spec/processDrain', value: { delay: '2s', window: `${WINDOW_S}s`, deadline: '2s' } }));
    await cluster.kubectl('apply', '-k', folder);
    await cluster.kubectl('wait', '--for=condition=Programmed', 'longshoreconfig/longshore', WAIT);
    await programmed('echo');
    await tunnels.assertOpen();
  });

  await t.test('an update of the operator drops none, nor does going back', async () => {
    await cluster.kubectl('rollout', 'restart', '-n', NAMESPACE, 'deployment/longshore-operator');
    await rollout('longshore-operator');
    await tunnels.assertOpen();
    await cluster.kubectl('rollout', 'undo', '-n', NAMESPACE, 'deployment/longshore-operator');
    await rollout('longshore-operator');
    await tunnels.assertOpen();
  });

  await t.test('a route is added, deleted and added again without dropping a tunnel of another', async () => {
    const route = JSON.stringify(variant('second', () => {}));
    for (const _ of [1, 2]) {
      await cluster.apply(route);
      await programmed('second');
      const { socket } = await connect(`ws://${address}/`, { host: 'second.example.com' });
      socket.terminate();
      await cluster.kubectl('delete', 'wsr', '-n', 'demo', 'second');
      await until('404', () => connect(`ws://${address}/`, { host: 'second.example.com' })
        .then(({ socket: open }) => open.terminate(), ({ status }) => status === 404));
    }
    await tunnels.assertOpen();
  });

  let fleet;
  t.after(() => fleet?.end());
  await t.test('an update of the data planes closes politely, and everybody comes back', async () => {
    tunnels.end();
    fleet = await Fleet.launch(CLIENTS, () => `ws://${address}/`, { headers: { host: 'echo.example.com' } });
    await fleet.settled();
    await cluster.kubectl('rollout', 'restart', '-n', NAMESPACE, 'deployment/longshore-dataplane');
    await rollout('longshore-dataplane');
    await until('the end of all old tunnels', () => fleet.ended.length >= CLIENTS, 180_000);
    await fleet.settled();
    assertPolite(fleet, 1001);
    // New pods are ready before old ones go, so that everybody moves once.
    assert.equal(fleet.ended.length, CLIENTS);
    // Each pod spreads what it has over its window, and they need not begin in the same second.
    assertSpread(fleet.perSecond(), CLIENTS, WINDOW_S, { longest: 3 * WINDOW_S });
    await programmed('echo');
  });

  await t.test('an update of a backend closes politely, and everybody comes back', async () => {
    fleet.ended = [];
    const before = fleet.byBackend();
    await cluster.kubectl('rollout', 'restart', '-n', 'demo', 'deployment/echo');
    await cluster.kubectl('rollout', 'status', '-n', 'demo', 'deployment/echo', WAIT);
    const old = Object.keys(before);
    await until('nobody on an old backend', () => old.every((name) => !fleet.byBackend()[name]), 120_000);
    await fleet.settled();
    assertPolite(fleet, 1012);
    for (const name of old) {
      const left = fleet.ended.filter(({ backend }) => backend === name).length;
      assertSpread(fleet.perSecond(({ backend }) => backend === name), left, DRAIN_S);
    }
    fleet.end();
    await cluster.kubectl('wait', '-n', 'demo', '--for=condition=EndpointsReady', 'wsr/echo', WAIT);
  });

  await t.test('its rights were enough', async () => {
    for (const component of ['operator', 'dataplane']) {
      const said = await logs(component);
      assert.notEqual(said, '');
      assert.doesNotMatch(said, /forbidden|"level":"ERROR"|Exception/i);
      assert.doesNotMatch(said, /local ports/, 'the sysctl of the pods is not in force');
    }
  });

  await t.test('uninstalling leaves nothing', async () => {
    await cluster.kubectl('delete', 'namespace', 'demo');
    await cluster.kubectl('delete', '-k', folder, '--ignore-not-found');
    await until('nothing is left', async () => {
      const left = await traces();
      return left.length === 0 || void (t.left = left);
    }, 180_000).catch((problem) => assert.deepEqual(t.left, [], problem.message));
  });
});

/** As docs/operate.md has it: takes all away but the CRDs, and with them the routes. */
async function uninstallWithoutCrds() {
  await cluster.kubectl('delete', 'namespace', NAMESPACE);
  await cluster.kubectl('delete', 'ingressclass', 'longshore');
  const label = ['-l', 'app.kubernetes.io/part-of=longshore'];
  await cluster.kubectl('delete', 'clusterrole,clusterrolebinding', ...label);
  await cluster.kubectl('delete', 'role,rolebinding', '-A', ...label);
  const left = await traces();
  assert.ok(left.length > 0 && left.every((name) => /customresourcedefinition|longshore\.dev$/.test(name)), left.join(' '));
  assert.equal(await cluster.kubectl('get', 'wsr', '-n', 'demo', '-o', 'name'), 'websocketroute.longshore.dev/echo\n');
}

test('the other overlays, one after the other, with the same routes', { timeout: 1_800_000 }, async (t) => {
  const folder = await installed(t);

  const install = async (overlay, kind, ...patches) => {
    // It goes at once: there is no load balancer that has to look away first, and whoever deletes the
    // namespace looks again only after half of the time that pods may take.
    await kustomization(folder, overlay, [], patch('Deployment|DaemonSet', 'longshore-dataplane',
      { op: 'replace', path: '/spec/template/spec/containers/0/lifecycle/preStop/sleep/seconds', value: 1 },
      { op: 'replace', path: '/spec/template/spec/terminationGracePeriodSeconds', value: 15 }), ...patches);
    await cluster.kubectl('apply', '-k', folder);
    await rollout('longshore-operator');
    await rollout('longshore-dataplane', kind.toLowerCase());
  };

  /** A WebSocket through `address` stays open while the operator goes on changing routes. */
  const serves = async (address) => {
    await served(address, 'echo.example.com');
    const tunnels = await Tunnels.open(5, address, 'echo.example.com');
    await cluster.apply(JSON.stringify(variant('second', () => {})));
    await programmed('second');
    await served(address, 'second.example.com');
    await cluster.kubectl('delete', 'wsr', '-n', 'demo', 'second');
    await tunnels.assertOpen();
    tunnels.end();
    assert.doesNotMatch(await logs('operator'), /forbidden|"level":"ERROR"/i);
    assert.doesNotMatch(await logs('dataplane'), /"level":"ERROR"/i);
  };

  /** Of the first node that has a data plane. */
  const node = async () => {
    const pods = await cluster.get('-n', NAMESPACE, 'pods', '-l', 'app.kubernetes.io/component=dataplane');
    return pods.items[0].status.hostIP;
  };

  await t.test('a single namespace, with the rights of that overlay', async () => {
    await cluster.kubectl('create', 'namespace', 'demo');
    await install('single-namespace', 'Deployment',
      patch('RoleBinding', 'longshore-operator-served', { op: 'replace', path: '/metadata/namespace', value: 'demo' }),
      patch('Deployment', 'longshore-operator',
        { op: 'replace', path: '/spec/template/spec/containers/0/args/1', value: '--watch-namespaces=demo' }));
    await cluster.kubectl('apply', '-f', join(ROOT, 'deploy/samples-cluster/echo.yaml'));
    await programmed('echo');
    await serves(await cluster.address(NAMESPACE, 'longshore-dataplane', 80));
    await uninstallWithoutCrds();
  });

  await t.test('ports of the nodes', async () => {
    await install('nodeport', 'Deployment');
    await serves(`${await node()}:30080`);
    await uninstallWithoutCrds();
  });

  await t.test('the network of the nodes', async () => {
    await install('host-network', 'DaemonSet');
    const pods = await cluster.get('-n', NAMESPACE, 'pods', '-l', 'app.kubernetes.io/component=dataplane');
    assert.ok(pods.items.every(({ spec, status }) => spec.hostNetwork && status.podIP === status.hostIP));
    await serves(`${await node()}:8080`);
  });
});

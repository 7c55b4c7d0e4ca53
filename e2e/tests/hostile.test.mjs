// What one client, one tenant or one neighbour can do to everybody else: nothing that they notice.
//
// 2,000 tunnels with traffic are open all the while, under the memory that deploy/ gives a data plane. Of each attack
// it is asked that none of them ends, that their echoes come, that others get in, and that the process keeps to its
// memory; of each tenant, that what others save meanwhile is served within a second.
//
// Not here, because what happens is between a few, and a test of its own has it whole:
// - the refusals of one data plane among several: DataPlaneFaultsTest, PushServerTest (a real operator);
// - hosts that are claimed in a cluster, tokens of no pod: HostRecordTest, TenureEditTest, KubernetesTokenReviewerTest;
// - endpoints that a client has ejected, names for TLS that it chooses: PassiveHealthTest, PinnedNameTest;
// - origins of polling, aliases and trailers of edited headers: HandshakePolicyTest, ForwardingTest;
// - who may ask the admin port, and what it shows: AdminServerTest, secrets.test.mjs;
// - versions, tickets and renegotiation of TLS: tools.test.mjs (testssl).
import assert from 'node:assert/strict';
import { rename, rm, writeFile } from 'node:fs/promises';
import { once } from 'node:events';
import { connect as connectTcp } from 'node:net';
import { join } from 'node:path';
import { test } from 'node:test';
import { setTimeout as pause } from 'node:timers/promises';
import { attack } from '../lib/attack.mjs';
import { Backend } from '../lib/backend.mjs';
import { connect, echo } from '../lib/client.mjs';
import { flooding } from '../lib/flooding.mjs';
import { Footprint, MEMORY } from '../lib/footprint.mjs';
import { Longshore, scratch, until } from '../lib/longshore.mjs';
import { Others } from '../lib/others.mjs';
import { certificate, defaultSecret, prefix, route, worst } from '../lib/tenants.mjs';

const TUNNELS = 2000;
const OF_THEM_TLS = 200;
const TO_COMPARE = 200;
const HEADER_TIMEOUT_S = 3;

// So that there can be more connections than there may be.
const MOST_CONNECTIONS = 4000;

// A quiet p99 that is smaller than this says more of the clock than of anybody.
const LEAST_QUIET_MS = 10;

// How long others are watched once an attack stands.
const WATCHED_MS = 4000;

// How often they are watched at most. Harm lasts as long as what does it; a machine that has something else to do for a
// second, or code that is compiled because it is asked for the first time, doesn't. But the first look, when an attack
// begins, may not be worse than so many times what is allowed.
const LOOKS = 3;
const AT_FIRST = 5;

// What a change of others may take, whatever a tenant does.
const PROPAGATION_MS = 1000;
const EDITS = 5;
const PATIENCE_MS = 60_000;

// What others need who come anew.
const GETS_IN_MS = 1000;

// How often a process has to be woken up for one of these: on a busy machine each takes what a direct echo does.
const WAKE_UPS = 10;

/** A folder of manifests, a Longshore that serves it, tunnels through it, and what attacks are held against. */
class Siege {
  static async lay(t, { config, tunnels, tls, options = {}, flags = [] }) {
    const siege = new Siege();
    siege.folder = await scratch(t);
    siege.backend = await Backend.start(t, 'one');
    siege.other = await Backend.start(t, 'two');
    siege.flood = await flooding(t);
    siege.options = options;
    const pair = certificate('*.example.com');
    await siege.save('certificate.yaml', defaultSecret(pair, 'demo'));
    await siege.save('config.yaml', `
apiVersion: longshore.dev/v1alpha1
kind: LongshoreConfig
metadata: {name: quick}
spec:
  accessLog: Disabled
  defaultCertificate: {name: default, namespace: demo}
  processDrain: {delay: 0s, window: 2s, deadline: 2s}
  bounds: {headerTimeout: ${HEADER_TIMEOUT_S}s}
  quotas: {rules: 20000, pools: 20000, endpoints: 100000, certificates: 2000, bytes: 64Mi}
${config}`);
    await siege.save('chat.yaml', route('chat', 'chat.example.com', siege.backend.port, prefix('/')));
    await siege.save('victim.yaml', route('victim', 'victim.example.com', siege.flood, [
      prefix('/flood'), prefix('/plain'), prefix('/large'), prefix('/interim'),
      prefix('/rated', ', policy: {limits: {messagesPerSecond: 10}}'),
    ].join('\n')));
    await siege.save('wild.yaml', route('wild', '*.wild.example.com', siege.flood, prefix('/')));
    siege.longshore = await Longshore.standalone(t, siege.folder, ...flags, { env: { LONGSHORE_JAVA_OPTS: MEMORY } });
    siege.https = Number(siege.longshore.out.match(/https:\/\/127\.0\.0\.1:(\d+)/)?.[1]);
    siege.footprint = new Footprint(t, siege.longshore);
    siege.others = new Others();
    const headers = { host: 'chat.example.com' };
    await siege.others.open(tunnels - tls, siege.longshore.socketUrl('/'), headers, options);
    await siege.others.open(tls, `wss://127.0.0.1:${siege.https}/`, headers, { ...options, rejectUnauthorized: false });
    await siege.others.compare(TO_COMPARE, `ws://127.0.0.1:${siege.backend.port}/`);
    // What is asked for the first time in a process's life takes longer, whoever asks.
    const warming = await attack(t, 'targets', { port: siege.longshore.http, path: '/no/such', count: 4 });
    await pause(2000);
    await warming.end();
    const quiet = await siege.others.during(() => pause(WATCHED_MS));
    siege.bound = 10 * Math.max(quiet.through, LEAST_QUIET_MS);
    t.diagnostic(`quiet p99 of an echo: ${quiet.through.toFixed(1)} ms, direct ${quiet.direct.toFixed(1)} ms; ` +
      await siege.footprint.most());
    return siege;
  }

  // Whole at once, as editors and kubelets do.
  async save(name, text) {
    const path = join(this.folder, name);
    await writeFile(`${path}.tmp`, text);
    await rename(`${path}.tmp`, path);
  }

  remove(name) {
    return rm(join(this.folder, name), { force: true });
  }

  /** Opens a tunnel as anybody would; the backend's name. */
  async getsIn(host) {
    const { socket, backend } = await connect(this.longshore.socketUrl('/'), { host },
      { ...this.options, handshakeTimeout: PATIENCE_MS });
    assert.equal(await echo(socket, 'new'), 'new');
    socket.terminate();
    return backend;
  }

  /** Others go on while something happens, from its begin on and as long as it goes on. */
  async unharmed(t, what, { begins = () => {}, goesOn = () => pause(WATCHED_MS) }) {
    let p99;
    let most;
    for (let look = 1; look <= LOOKS; look++) {
      p99 = await this.others.during(async () => {
        if (look === 1) await begins();
        await goesOn();
      });
      t.diagnostic(`p99 ${p99.through.toFixed(1)} ms, direct ${p99.direct.toFixed(1)} ms; ` +
        await this.footprint.most());
      assert.equal(this.longshore.exit, null, this.longshore.err);
      assert.deepEqual(this.others.lost, [], `${what}: tunnels of others ended`);
      // What those wait that don't go through Longshore, the machine takes, attackers and tests included: for the half of
      // the way that both have in common, and once more for Longshore's own wake-ups.
      most = this.bound + 2 * p99.direct;
      if (p99.through <= most) break;
      assert.ok(look < LOOKS && p99.through <= AT_FIRST * most,
        `${what}: echoes take ${p99.through.toFixed(1)} ms, not ${most.toFixed(1)}`);
    }
    const began = performance.now();
    assert.equal(await this.getsIn('chat.example.com'), 'one');
    const live = await fetch(`http://127.0.0.1:${this.longshore.metricsPort}/livez`);
    assert.equal(live.status, 200, await live.text());
    const took = performance.now() - began;
    assert.ok(took < GETS_IN_MS + WAKE_UPS * p99.direct, `${what}: others get in after ${took} ms`);
    return p99;
  }

  /** How long edits of an unrelated route take until a handshake is answered by them, in milliseconds. */
  async propagation(count) {
    const took = [];
    for (let i = 0; i < count; i++) {
      this.moved = this.moved === this.backend ? this.other : this.backend;
      const to = this.moved;
      const began = performance.now();
      await this.save('moved.yaml', route('moved', 'moved.example.com', to.port, prefix('/'), 'other'));
      await until(`edit ${i}`, () => this.getsIn('moved.example.com').then((name) => name === to.name, () => false),
        PATIENCE_MS);
      took.push(performance.now() - began);
      await pause(300 + 500 * Math.random());
    }
    return took;
  }

  async end() {
    this.others.end();
    assert.deepEqual(this.others.lost, []);
    // And goes politely, as if nothing had been.
    assert.equal(await this.longshore.end(), 0);
  }
}

const clients = [
  ['requests whose answers are never read', 'pipelining', { path: '/no/such', count: 20 }],
  ['the same of answers that are relayed', 'pipelining', { path: '/plain', count: 20 }],
  ['the same over TLS', 'pipelining', { path: '/plain', count: 20, tls: true }],
  ['the same at the metrics port', 'pipelining', { path: '/metrics', count: 20, at: 'metricsPort' }],
  ['the same at the admin port', 'pipelining', { path: '/config', host: 'localhost', count: 20, at: 'admin' }],
  ['single bytes at the metrics port', 'bytes', { count: 500, at: 'metricsPort' }],
  ['heads that never end', 'heads', { count: 1500, slow: true }],
  ['more connections than there may be', 'nothing', { count: MOST_CONNECTIONS, many: 'displaced' }],
  ['bodies that never end', 'bodies', { count: 500 }],
  ['large answers that nobody reads', 'readers', { count: 400 }],
  ['the same over TLS', 'readers', { count: 400, tls: true }],
  ['tunnels that nobody reads', 'tunnels', { count: 400 }],
  ['the same over TLS', 'tunnels', { count: 400, tls: true }],
  ['floods of Pings', 'pings', { count: 10 }],
  ['floods of empty fragments', 'fragments', { count: 10 }],
  ['frames that never end', 'frames', { count: 500 }],
  ['tunnels that come and go', 'churn', { count: 20 }],
  ['ClientHellos that never end', 'hellos', { count: 1000, to: 'https', slow: true }],
  ['handshakes without end', 'handshakes', { count: 20, to: 'https' }],
  ['TLS records that never end', 'records', { count: 200, to: 'https', slow: true }],
  ['interim answers without end', 'targets', { path: '/interim', count: 20 }],
  ['a header of 15,000 members', 'members', { count: 10 }],
  ['ever other names of one endpoint', 'names', { count: 10 }],
];

test('nobody stops it', { timeout: 900_000 }, async (t) => {
  const siege = await Siege.lay(t, {
    config: '', tunnels: TUNNELS, tls: OF_THEM_TLS,
    flags: ['--https', '127.0.0.1:0', '--max-connections', String(MOST_CONNECTIONS)],
  });
  const { longshore } = siege;

  for (const [what, name, { at, slow, ...settings }] of clients) {
    await t.test(what, async (t) => {
      const port = at ? longshore[at] : settings.tls || settings.to === 'https' ? siege.https : longshore.http;
      let held;
      await siege.unharmed(t, what, { begins: async () => (held = await attack(t, name, { ...settings, port })) });
      // Who is slow is cut in time.
      if (slow) await until(`the end of ${what}`, () => held.now().lost >= settings.count, 20_000);
      t.diagnostic(JSON.stringify(held.now()));
      await held.end();
    });
  }

  await t.test('each was stopped by what is to stop it', async () => {
    for (const metric of [
      'longshore_tunnels_ended_total{reason="rate"}',
      'longshore_connections_displaced_total',
      'longshore_requests_refused_total{reason="upstream_interim"}',
      'longshore_tls_handshakes_total{outcome="timed_out"}',
    ]) assert.ok((await longshore.metric(metric)) > 0, metric);
  });

  await t.test('changes of others without any tenant who means harm', async (t) => {
    const took = await siege.propagation(EDITS);
    t.diagnostic(`served after ${took.map((ms) => ms.toFixed(0))} ms`);
  });

  for (const { what, manifests, target } of worst({ port: siege.flood, self: longshore.http })) {
    await t.test(what, async (t) => {
      const saved = [];
      t.after(() => Promise.all(saved.map((text, i) => siege.remove(`evil-${i}.yaml`))));
      // Each object by itself and one behind the other, as an API server takes them.
      const apply = async (documents) => {
        for (const [i, text] of documents.entries()) {
          if (saved[i] === text) continue;
          await siege.save(`evil-${i}.yaml`, text);
          saved[i] = text;
        }
      };
      let took;
      const goesOn = async () => {
        // They are edited again and again, while others edit what is theirs.
        let editing = true;
        const edits = (async () => {
          for (let edit = 0; editing; edit++) {
            await apply(manifests(edit));
            await pause(500);
          }
        })();
        took = await siege.propagation(EDITS).finally(() => (editing = false));
        await edits;
        t.diagnostic(`changes of others are served after ${took.map((ms) => ms.toFixed(0))} ms`);
        const held = await attack(t, 'targets',
          { port: longshore.http, host: 'evil.example.com', count: 4, path: target });
        await pause(WATCHED_MS);
        t.diagnostic(JSON.stringify(held.now()));
        await held.end();
      };
      const { direct } = await siege.unharmed(t, what, { goesOn });
      // The worst one has the first reading of all that was saved before it, by code that is not compiled yet.
      const most = PROPAGATION_MS + WAKE_UPS * direct;
      const [median, worst] = [took.toSorted((a, b) => a - b)[EDITS >> 1], Math.max(...took)];
      assert.ok(median < most, `${what}: changes of others are served after ${took} ms, not ${most}`);
      assert.ok(worst < 5 * most, `${what}: a change of others is served after ${took} ms, not ${5 * most}`);
    });
  }

  await t.test('deadlines go on', async () => {
    const socket = connectTcp({ port: longshore.http, host: '127.0.0.1' });
    socket.write('GET / HTTP/1.1\r\n');
    socket.resume();
    const late = pause(HEADER_TIMEOUT_S * 1000 + 10_000, 'late', { ref: false });
    assert.notEqual(await Promise.race([once(socket, 'close'), late]), 'late');
  });
  await siege.end();
});

test('nor behind a balancer', { timeout: 120_000 }, async (t) => {
  const behind = (options) => connectTcp(options).on('error', () => {});
  const createConnection = ({ host, port }) => {
    const socket = behind({ host, port });
    socket.write('PROXY TCP4 192.0.2.1 192.0.2.2 1000 443\r\n');
    return socket;
  };
  const siege = await Siege.lay(t, {
    config: '  proxyProtocol: Required\n  proxyProtocolFrom: [127.0.0.0/8]\n',
    tunnels: TO_COMPARE, tls: 0, options: { createConnection },
  });
  const what = 'PROXY headers that never end';
  await t.test(what, async (t) => {
    let held;
    await siege.unharmed(t, what, { begins: async () =>
      (held = await attack(t, 'proxyHeaders', { port: siege.longshore.http, count: 1500 })) });
    await until(`the end of ${what}`, () => held.now().lost >= 1500, 20_000);
    t.diagnostic(JSON.stringify(held.now()));
    assert.ok((await siege.longshore.metric('longshore_proxy_protocol_headers_total{outcome="timed_out"}')) > 0);
    await held.end();
  });
  await siege.end();
});

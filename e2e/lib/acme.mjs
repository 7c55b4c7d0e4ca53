// The real cert-manager on the test's cluster, and an ACME server (Pebble) that asks for its challenges where Longshore is.
import { spawn } from 'node:child_process';
import { readFile } from 'node:fs/promises';
import { join } from 'node:path';
import { run } from './cluster.mjs';
import { cluster, WAIT } from './installation.mjs';
import { ROOT, scratch, until } from './longshore.mjs';

const NAMESPACE = 'acme';
const SERVER = 'pebble.acme.svc.cluster.local';
const IMAGES = ['cert-manager', 'acmesolver', 'pebble', 'pebble-challtestsrv'];
/** cert-manager itself looks at a challenge five times, 2 s apart, before it lets the server look. */
const ISSUE_MS = 180_000;

/** Challenges are asked for at the ports of RFC 8555, as public servers do it. */
const PEBBLE = {
  listenAddress: ':14000',
  managementListenAddress: ':15000',
  certificate: '/etc/pebble/tls/tls.crt',
  privateKey: '/etc/pebble/tls/tls.key',
  httpPort: 80,
  tlsPort: 443,
  keyAlgorithm: 'ecdsa',
  retryAfter: { authz: 1, order: 1 },
  profiles: { default: { description: 'as long as public ones', validityPeriod: 90 * 86_400 } },
};

const object = (kind, name, more) => ({ apiVersion: 'v1', kind, metadata: { name, namespace: NAMESPACE }, ...more });

export class Acme {
  /** Installs both until the test ends. Every name is said to be at `address`. */
  static async start(t, address) {
    const acme = new Acme();
    const binaries = (await run(join(ROOT, 'e2e', 'kube', 'build'), ['acme'], { timeout: 1_800_000 })).trim();
    const folder = await scratch(t);
    for (const name of IMAGES) {
      await cluster.loadBinary(`longshore.test/${name}:1`, join(binaries, name), join(folder, `${name}.tar`));
    }
    const [key, certificate] = [join(folder, 'tls.key'), join(folder, 'tls.crt')];
    await run('openssl', ['req', '-x509', '-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:P-256', '-nodes', '-days', '30',
      '-subj', `/CN=${SERVER}`, '-addext', `subjectAltName=DNS:${SERVER}`, '-keyout', key, '-out', certificate]);
    acme.certificate = await readFile(certificate, 'utf8');
    const own = [
      object('Namespace', NAMESPACE),
      object('ConfigMap', 'pebble', { data: { address, 'pebble.json': JSON.stringify({ pebble: PEBBLE }) } }),
      object('Secret', 'pebble', { stringData: { 'tls.crt': acme.certificate, 'tls.key': await readFile(key, 'utf8') } }),
    ].map((one) => JSON.stringify(one));
    // Behind a line of YAML: kubectl takes what begins with a brace for JSON to the end.
    const manifests = ['', ...own, await readFile(join(ROOT, 'e2e', 'kube', 'acme.yaml'), 'utf8')].join('\n---\n');
    const crds = join(binaries, 'crds.yaml');
    t.after(async () => {
      // While cert-manager is there: its Challenges have finalizers.
      await cluster.kubectl('delete', '-f', crds, '--ignore-not-found');
      await run('kubectl', ['delete', '-f', '-', '--ignore-not-found'], { env: cluster.env, input: manifests });
    });
    await cluster.kubectl('apply', '--server-side', '-f', crds);
    await cluster.kubectl('wait', '--for=condition=Established', '-f', crds, WAIT);
    await cluster.apply(manifests);
    for (const name of ['pebble', 'cert-manager']) {
      await cluster.kubectl('rollout', 'status', '-n', NAMESPACE, `deployment/${name}`, WAIT);
    }
    return acme;
  }

  /** Makes an Issuer `pebble` whose challenges are solved by an Ingress of a class, and waits for its account. */
  async issuer(namespace, ingressClassName) {
    const acme = {
      server: `https://${SERVER}/dir`,
      caBundle: Buffer.from(this.certificate).toString('base64'),
      privateKeySecretRef: { name: 'pebble-account' },
      solvers: [{ http01: { ingress: { ingressClassName } } }],
    };
    await cluster.apply(JSON.stringify({
      apiVersion: 'cert-manager.io/v1', kind: 'Issuer', metadata: { name: 'pebble', namespace }, spec: { acme },
    }));
    await cluster.kubectl('wait', '-n', namespace, '--for=condition=Ready', 'issuer/pebble', WAIT);
  }

  /** What a client has to trust. */
  root() {
    return cluster.kubectl('get', '--raw', `/api/v1/namespaces/${NAMESPACE}/services/https:pebble:15000/proxy/roots/0`);
  }

  /** Waits until a certificate was issued for the `count`th time. */
  async issued(namespace, name, count) {
    let said;
    await until(`issue ${count} of ${name}`, async () => {
      // A busy API server may not answer once.
      said = await cluster.get('-n', namespace, 'certificate', name).then(({ status }) => status, (problem) => problem.message);
      return said?.revision >= count && said.conditions.some((one) => one.type === 'Ready' && one.status === 'True');
    }, ISSUE_MS).catch(async (late) => {
      const waiting = await cluster.kubectl('get', '-n', namespace, 'orders,challenges', '-o', 'wide');
      throw new Error(`${late.message}\n${JSON.stringify(said, null, 2)}\n${waiting}\n${await this.logs()}`);
    });
  }

  /** As `cmctl renew` has it. */
  async renew(namespace, name) {
    const condition = {
      type: 'Issuing', status: 'True', reason: 'ManuallyTriggered', message: 'Certificate re-issuance manually triggered',
      lastTransitionTime: new Date().toISOString().replace(/\.\d+/, ''),
    };
    await cluster.kubectl('patch', '-n', namespace, 'certificate', name, '--subresource=status', '--type=json',
      '-p', JSON.stringify([{ op: 'add', path: '/status/conditions/-', value: condition }]));
  }

  logs() {
    return cluster.kubectl('logs', '-n', NAMESPACE, 'deployment/cert-manager', '--tail=40');
  }
}

/** Remembers every state that the Ingresses of a namespace were in. */
export class Ingresses {
  /** Each as it was written. */
  seen = [];
  #text = '';

  static watch(t, namespace) {
    const ingresses = new Ingresses();
    const kubectl = spawn('kubectl', ['get', 'ingress', '-n', namespace, '--watch', '-o', 'json'],
      { env: cluster.env, stdio: ['ignore', 'pipe', 'inherit'] });
    t.after(() => kubectl.kill());
    kubectl.stdout.setEncoding('utf8').on('data', (text) => ingresses.#read(text));
    return ingresses;
  }

  /** Objects one behind the other, each indented: the brace that closes one stands alone. */
  #read(text) {
    const parts = (this.#text + text).split(/(?<=^\}\n)/m);
    this.#text = parts.at(-1).endsWith('\n}\n') ? '' : parts.pop();
    this.seen.push(...parts.map((part) => JSON.parse(part)));
  }

  /** What was asked of Longshore to have a host's challenges answered, as [Ingress, path]. */
  challenges(host) {
    return this.seen.flatMap((ingress) => (ingress.spec.rules ?? []).filter((rule) => rule.host === host)
      .flatMap((rule) => rule.http.paths.filter(({ path }) => path.startsWith('/.well-known/acme-challenge/'))
        .map((path) => [ingress, path])));
  }
}

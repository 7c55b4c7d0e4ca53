// A Kubernetes to test on: the one of KUBECONFIG, or one of the test's own by e2e/cluster.
import { spawn } from 'node:child_process';
import { join } from 'node:path';
import { ROOT, until } from './longshore.mjs';

const SCRIPT = join(ROOT, 'e2e', 'cluster');

/** Runs a program to its end; gives what it printed. Rejects, with all of that, when it fails. */
export function run(command, args, { env = process.env, input, timeout = 300_000 } = {}) {
  return new Promise((resolve, reject) => {
    const child = spawn(command, args, { env, timeout, stdio: 'pipe' });
    let out = '';
    let err = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (err += text));
    child.on('error', reject);
    child.on('close', (code, signal) => {
      if (code === 0) return resolve(out);
      const problem = `${command} ${args.join(' ')}: ended with ${code ?? signal}\n${out}\n${err}`;
      reject(Object.assign(new Error(problem), { out, err }));
    });
    // It may end without reading.
    child.stdin.on('error', () => {}).end(input);
  });
}

/** What tests do with a cluster. */
export class Cluster {
  constructor(env) {
    this.env = env;
  }

  /** The one that e2e/run gives to tests/cluster/*: of KUBECONFIG. */
  static given() {
    if (!process.env.KUBECONFIG) throw new Error('KUBECONFIG is not set; use e2e/run, or e2e/cluster up');
    return new Cluster(process.env);
  }

  kubectl(...args) {
    return run('kubectl', args, { env: this.env });
  }

  /** kubectl get, as an object. */
  async get(...args) {
    return JSON.parse(await this.kubectl('get', ...args, '-o', 'json'));
  }

  apply(manifests) {
    return run('kubectl', ['apply', '-f', '-'], { env: this.env, input: manifests });
  }

  /** A namespace that is removed after the test. */
  async namespace(t, prefix) {
    const name = `${prefix}-${Math.random().toString(36).slice(2, 8)}`;
    await this.kubectl('create', 'namespace', name);
    t.after(() => this.kubectl('delete', 'namespace', name, '--wait=false'));
    return name;
  }

  /**
   * Gives the node an image from a tar. For a cluster that is not e2e/cluster's, LONGSHORE_LOAD says how:
   * a command that takes the tar's name, such as `kind load image-archive`.
   */
  async load(tar) {
    const [command, ...args] = this.env.LONGSHORE_LOAD?.split(' ') ?? [SCRIPT, 'load'];
    await run(command, [...args, tar], { env: this.env });
  }

  /** Makes an image of one static binary, see e2e/kube/image, and gives it to the node. */
  async loadBinary(name, binary, tar) {
    const image = join(ROOT, 'e2e', 'kube', 'image');
    await run('sh', ['-c', '"$1" "$2" "$3" >"$4"', 'sh', image, name, binary, tar]);
    await this.load(tar);
  }

  /** Where a Service of type LoadBalancer answers from here, as HOST:PORT. */
  async address(namespace, name, port) {
    const service = await until(`an address of the Service ${name}`, async () => {
      const current = await this.get('-n', namespace, 'service', name);
      return current.status.loadBalancer?.ingress?.length ? current : null;
    }, 60_000);
    const [{ ip, hostname }] = service.status.loadBalancer.ingress;
    if (!service.spec.ports.some((one) => one.port === port)) throw new Error(`${name} has no port ${port}`);
    return `${ip ?? hostname}:${port}`;
  }

  /** Runs a command where Services and pods answer by name and address. e2e/cluster only. */
  exec(...command) {
    return run(SCRIPT, ['exec', ...command], { env: this.env });
  }
}

/** A cluster beside the shared one, for tests of e2e/cluster itself. */
export class OwnCluster extends Cluster {
  constructor(number) {
    super({ ...process.env, LONGSHORE_CLUSTER: String(number) });
  }

  /** Runs e2e/cluster; gives what it printed. */
  async script(...args) {
    return (await run(SCRIPT, args, { env: this.env, timeout: 900_000 })).trim();
  }

  async up() {
    this.env.KUBECONFIG = await this.script('up');
    return this.env.KUBECONFIG;
  }

  down() {
    return this.script('down');
  }

  /** Starts `e2e/cluster up` without waiting for it. */
  startUp() {
    return spawn(SCRIPT, ['up'], { env: this.env, stdio: ['ignore', 'ignore', 'pipe'] });
  }
}

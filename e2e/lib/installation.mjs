// Longshore installed on the cluster that tests are given, as docs/install.md has it, with a namespace `demo`.
import { realpath, writeFile } from 'node:fs/promises';
import { join, relative } from 'node:path';
import { connect } from './client.mjs';
import { Cluster, run } from './cluster.mjs';
import { ROOT, scratch, until } from './longshore.mjs';

export const cluster = Cluster.given();
export const NAMESPACE = 'longshore-system';
export const WAIT = '--timeout=280s';

/** Builds the image, where that is needed, and gives it to the node. */
export async function loadImage() {
  const image = await run(join(ROOT, 'e2e/images/build'), [], { timeout: 1_200_000 });
  await cluster.load(image.trim());
}

/** A folder as users have one, on top of the checkout's. */
export async function kustomization(folder, overlay, components, ...patches) {
  const deploy = relative(await realpath(folder), join(ROOT, 'deploy'));
  await writeFile(join(folder, 'kustomization.yaml'), JSON.stringify({
    apiVersion: 'kustomize.config.k8s.io/v1beta1',
    kind: 'Kustomization',
    resources: [join(deploy, 'overlays', overlay)],
    components: components.map((name) => join(deploy, 'components', name)),
    // An update starts as many data planes again: all of them have to fit on a small node.
    patches: [patch('Deployment|DaemonSet', 'longshore-dataplane',
      { op: 'replace', path: '/spec/template/spec/containers/0/resources/requests/cpu', value: '50m' }), ...patches],
  }));
}

/** A folder for that; what was applied of it is deleted after the test. */
export async function installed(t) {
  let folder;
  // Before the folder is made, because hooks run in this order.
  t.after(async () => {
    await cluster.kubectl('delete', 'namespace', 'demo', '--ignore-not-found');
    // When all is uninstalled, kubectl can't read a LongshoreConfig any more.
    const left = await cluster.kubectl('get', 'namespace', NAMESPACE, '--ignore-not-found', '-o', 'name');
    if (left !== '') await cluster.kubectl('delete', '-k', folder, '--ignore-not-found');
  });
  folder = await scratch(t);
  return folder;
}

export const patch = (kind, name, ...operations) => ({ target: { kind, name }, patch: JSON.stringify(operations) });

export const rollout = (name, kind = 'deployment') => cluster.kubectl('rollout', 'status', '-n', NAMESPACE, `${kind}/${name}`, WAIT);

/** Served everywhere, and with a backend to go to. */
export async function programmed(name) {
  for (const condition of ['EndpointsReady', 'Programmed']) {
    await cluster.kubectl('wait', '-n', 'demo', `--for=condition=${condition}`, `wsr/${name}`, WAIT);
  }
}

/** Every data plane serves a host: the endpoints, which change most, are no part of Programmed. */
export async function served(address, host) {
  for (let i = 0; i < 10; i++) {
    const { socket } = await until(`an answer of ${host}`, () => connect(`ws://${address}/`, { host }).catch(() => null), 60_000);
    socket.terminate();
  }
}

/** What all pods of a component have said. */
export async function logs(component) {
  return cluster.kubectl('logs', '-n', NAMESPACE, '--prefix', '--tail=-1', '-l', `app.kubernetes.io/component=${component}`);
}

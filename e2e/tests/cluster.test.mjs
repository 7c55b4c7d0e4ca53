// e2e/cluster itself: Services answer, a killed run is repaired, and nothing is left behind.
import assert from 'node:assert/strict';
import { existsSync, readFileSync, readdirSync } from 'node:fs';
import { dirname, join } from 'node:path';
import { test } from 'node:test';
import { OwnCluster, run } from '../lib/cluster.mjs';
import { ROOT, until } from '../lib/longshore.mjs';

const POSSIBLE = process.platform === 'linux' && process.getuid() === 0;
const NUMBER = 250;
const cluster = new OwnCluster(NUMBER);

const WEB = `
apiVersion: apps/v1
kind: Deployment
metadata: {name: web}
spec:
  replicas: 2
  selector: {matchLabels: {app: web}}
  template:
    metadata: {labels: {app: web}}
    spec:
      containers:
      - name: web
        image: longshore.test/pod:1
        imagePullPolicy: Never
        args: [serve, ":8080"]
        readinessProbe: {httpGet: {port: 8080}}
---
apiVersion: v1
kind: Service
metadata: {name: web}
spec:
  type: LoadBalancer
  externalTrafficPolicy: Local
  selector: {app: web}
  ports: [{port: 80, targetPort: 8080}]
`;

/** What a cluster could leave on this machine, of this one only. */
async function traces() {
  const links = await run('ip', ['-o', 'link']);
  const processes = readdirSync('/proc').filter((pid) => /^\d+$/.test(pid)).map((pid) => {
    try {
      return readFileSync(`/proc/${pid}/cmdline`, 'utf8').replaceAll('\0', ' ');
    } catch {
      return '';
    }
  });
  return {
    mounts: readFileSync('/proc/self/mounts', 'utf8').split('\n').filter((line) => line.includes(`cluster/${NUMBER}`)),
    links: links.split('\n').filter((line) => line.includes(`longshore${NUMBER}`)),
    processes: processes.filter((line) => line.includes(`cluster/${NUMBER}/`) || line.includes(`cluster/${NUMBER} `)),
    sysctls: ['vm/overcommit_memory', 'kernel/panic', 'kernel/panic_on_oops', 'net/ipv4/ip_forward']
      .map((name) => readFileSync(`/proc/sys/${name}`, 'utf8').trim()),
    rules: (await run('sh', ['-c', 'iptables-save 2>/dev/null | grep -c KUBE || true'])).trim(),
    folders: ['/var/lib/kubelet', '/var/lib/cni', '/var/log/pods', '/var/log/containers', '/run/containerd']
      .filter(existsSync),
  };
}

function controlGroups(containers) {
  const roots = ['/sys/fs/cgroup', ...readdirSync('/sys/fs/cgroup').map((name) => `/sys/fs/cgroup/${name}`)];
  return roots.flatMap((root) => containers.map((name) => `${root}/k8s.io/${name}`)).filter(existsSync);
}

test('a cluster of its own', { skip: POSSIBLE ? false : 'needs root on Linux', timeout: 1_500_000 }, async (t) => {
  t.after(() => cluster.down());
  await cluster.down();
  const before = await traces();
  const kubeconfig = await cluster.up();

  await t.test('a Deployment with a Service answers', async () => {
    await cluster.apply(WEB);
    await cluster.kubectl('wait', '--for=condition=Available', 'deployment/web', '--timeout=120s');
    const pods = (await cluster.get('pods', '-l', 'app=web')).items.map((pod) => pod.metadata.name);
    assert.equal(pods.length, 2);
    const address = await cluster.address('default', 'web', 80);

    await until('an answer from outside', async () =>
      fetch(`http://${address}/`).then(async (answer) => pods.includes((await answer.text()).trim()), () => false), 60_000);
    const asked = new Set();
    await until('answers of both pods by the Service\'s name', async () => {
      asked.add((await cluster.exec('curl', '-sS', '--max-time', '10', 'http://web.default.svc.cluster.local/')).trim());
      return asked.size === 2;
    }, 60_000);
    assert.deepEqual([...asked].sort(), pods.sort());
    const inside = await cluster.kubectl('exec', pods[0], '--', '/main', 'get', 'http://web/');
    assert.ok(pods.includes(inside.trim()), inside);
  });

  await t.test('up finds it running', async () => {
    assert.equal(await cluster.up(), kubeconfig);
    assert.equal((await cluster.get('deployment', 'web')).status.readyReplicas, 2);
    assert.match(await cluster.script('status'), /coredns/);
  });

  await t.test('an image comes by load', async () => {
    const binaries = (await run(join(ROOT, 'e2e', 'kube', 'build'), ['where'])).trim();
    await cluster.loadBinary('longshore.test/loaded:1', join(binaries, 'pod'), `${dirname(kubeconfig)}/loaded.tar`);
    await cluster.kubectl('run', 'loaded', '--image=longshore.test/loaded:1', '--image-pull-policy=Never', '--', 'serve', ':80');
    await cluster.kubectl('wait', '--for=condition=Ready', 'pod/loaded', '--timeout=60s');
  });

  await t.test('up repairs what a killed run left', async () => {
    await cluster.down();
    const killed = cluster.startUp();
    await new Promise((resolve) => killed.stderr.on('data', (text) => /waiting for/.test(text) && resolve()));
    killed.kill('SIGKILL');
    await cluster.up();
    await cluster.kubectl('wait', '--for=condition=Ready', 'node/node', '--timeout=60s');
  });

  await t.test('down leaves nothing', async () => {
    const containers = readdirSync(`${dirname(kubeconfig)}/containerd/io.containerd.runtime.v2.task/k8s.io`);
    assert.ok(controlGroups(containers).length > 0);
    await cluster.down();
    assert.deepEqual(controlGroups(containers), []);
    assert.deepEqual(await traces(), before);
    assert.ok(!existsSync(dirname(kubeconfig)));
    await assert.rejects(cluster.script('status'), /there is none/);
  });
});

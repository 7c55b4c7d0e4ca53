// The container image: what is in it, how it starts, and that it runs as nobody with nothing.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { lstatSync, mkdirSync, readdirSync, readFileSync, statSync } from 'node:fs';
import { basename, join } from 'node:path';
import { before, test } from 'node:test';
import { ROOT, scratch } from '../lib/longshore.mjs';

let tar;
let layers;
let config;

function run(command, args, options = {}) {
  const result = spawnSync(command, args, { encoding: 'utf8', maxBuffer: 1 << 26, ...options });
  assert.equal(result.status, 0, `${command} ${args.join(' ')}:\n${result.stdout}${result.stderr}`);
  return result.stdout;
}

const member = (name) => JSON.parse(run('tar', ['-xOf', tar, name]));

before(() => {
  tar = run(join(ROOT, 'e2e/images/build'), [], { stdio: ['ignore', 'pipe', 'inherit'] }).trim();
  const [manifest] = member('manifest.json');
  layers = manifest.Layers;
  config = member(manifest.Config).config;
});

/** The root file system. */
function unpack(folder) {
  const fs = join(folder, 'fs');
  mkdirSync(fs);
  run('tar', ['-xf', tar, '-C', folder]);
  for (const layer of layers) {
    run('tar', ['-xzf', join(folder, layer), '-C', fs, '--warning=no-unknown-keyword']);
  }
  return fs;
}

const files = (folder) =>
  readdirSync(folder, { recursive: true }).map((name) => join(folder, name)).filter((path) => lstatSync(path).isFile());

test('it starts as the launcher starts, as nobody', () => {
  const launcher = run('bash', ['-c', `source <(sed '/^main "\\$@"$/d' '${join(ROOT, 'longshore')}'); jvm_flags`]);
  const flags = config.Entrypoint.slice(1, config.Entrypoint.indexOf('-cp'));
  assert.equal(config.Entrypoint[0], 'java');
  assert.deepEqual(flags, launcher.trim().split(/\s+/));
  assert.equal(config.Entrypoint.at(-1), 'dev.longshore.cli.Longshore');
  assert.equal(config.User, '65532:65532');
  assert.equal(config.Labels['org.opencontainers.image.title'], 'longshore');
});

test('it is small, and has nothing in it but Java, the C library, Longshore and its SBOM', async (t) => {
  const fs = unpack(await scratch(t));
  assert.ok(statSync(tar).size < 90e6, `${statSync(tar).size} bytes`);
  for (const path of files(fs)) {
    const name = path.slice(fs.length);
    assert.match(name, /^\/(app|opt\/java|lib|lib64|etc\/(passwd|group)$)/);
    assert.equal(statSync(path).mode & 0o6022, 0, `${name} can be written, or is set-user-id`);
  }
  const jars = readdirSync(join(fs, 'app/libs'));
  assert.ok(!jars.some((jar) => /junit|assertj|testkube|-tests?\b/.test(jar)), jars.join(' '));
  const sbom = JSON.parse(readFileSync(join(fs, 'app/sbom.cdx.json'), 'utf8'));
  assert.equal(sbom.bomFormat, 'CycloneDX');
  const listed = new Set(sbom.components.map(({ name, version }) => `${name}-${version}`));
  for (const jar of jars.filter((name) => !name.startsWith('longshore-cli'))) {
    const name = jar.replace(/\.jar$/, '').replace(/-(linux|osx|windows)-\w+$/, '');
    assert.ok(listed.has(name), `the SBOM has no ${name}`);
  }
});

test('nothing in it is of the time when it was built', async (t) => {
  const root = run(join(ROOT, 'longshore'), ['version']) && join(ROOT, '.longshore/app');
  const fs = unpack(await scratch(t));
  // The launcher's build made the same jars at another time.
  const lib = join(root, readdirSync(root)[0], 'lib');
  const ours = files(join(fs, 'app')).filter((path) => /\/longshore-[a-z]+-\d[^/]*\.jar$/.test(path));
  assert.ok(ours.length >= 5, ours.join(' '));
  for (const jar of ours) {
    assert.ok(readFileSync(jar).equals(readFileSync(join(lib, basename(jar)))), `${basename(jar)} differs`);
  }
  for (const path of files(join(fs, 'app'))) assert.equal(statSync(path).mtimeMs, 1000, path);
  const pinned = readFileSync(join(ROOT, 'pom.xml'), 'utf8').match(/<project.build.outputTimestamp>(.*?)</)[1];
  const sbom = JSON.parse(readFileSync(join(fs, 'app/sbom.cdx.json'), 'utf8'));
  assert.deepEqual([sbom.metadata.timestamp, sbom.serialNumber], [undefined, undefined]);
  const image = member(member('manifest.json')[0].Config);
  assert.deepEqual(new Set([image.created, ...image.history.slice(1).map(({ created }) => created)]), new Set([pinned]));
});

test('it runs without a right', { skip: process.getuid() !== 0 && 'needs root for chroot' }, async (t) => {
  const fs = unpack(await scratch(t));
  for (const folder of ['proc', 'dev']) mkdirSync(join(fs, folder));
  // A mount namespace of its own, so that nothing is left of the mounts; the root is read-only as in a pod.
  const script = [
    'mount --bind "$0" "$0"', 'mount -t proc proc "$0/proc"', 'mount --bind /dev "$0/dev"',
    'mount -t tmpfs tmp "$0/tmp"', 'mount -o remount,ro,bind "$0"',
    'exec chroot --userspec=65532:65532 "$0" "$@"',
  ].join(' && ');
  const java = join('/opt/java/bin', config.Entrypoint[0]);
  const entry = [java, ...config.Entrypoint.slice(1)];
  const said = run('unshare', ['--mount', 'bash', '-c', script, fs, ...entry, 'version'],
    { env: { PATH: process.env.PATH, JDK_JAVA_OPTIONS: '-XX:MaxRAMPercentage=35 -XX:+ExitOnOutOfMemoryError' } });
  assert.match(said, /^longshore \d+\.\d+\.\d+/);
});

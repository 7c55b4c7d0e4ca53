// The launcher: which JDK it finds, from where it works, what it says when it can't.
import assert from 'node:assert/strict';
import { spawnSync } from 'node:child_process';
import { chmodSync, copyFileSync, mkdirSync, readdirSync, readFileSync, symlinkSync, writeFileSync } from 'node:fs';
import { join } from 'node:path';
import { test } from 'node:test';
import { ROOT, scratch } from '../lib/longshore.mjs';

/** Runs functions of the launcher without its main. */
function shell(script, env = {}) {
  const text = `set -euo pipefail; source <(sed '/^main "\\$@"$/d' '${join(ROOT, 'longshore')}'); ${script}`;
  const result = spawnSync('bash', ['-c', text], { env: { PATH: process.env.PATH, HOME: '/nonexistent', ...env }, encoding: 'utf8' });
  return { code: result.status, out: result.stdout.trim(), err: result.stderr };
}

function fakeJdk(folder, version) {
  mkdirSync(join(folder, 'bin'), { recursive: true });
  for (const tool of ['java', 'javac']) {
    writeFileSync(join(folder, 'bin', tool), '#!/bin/sh\n');
    chmodSync(join(folder, 'bin', tool), 0o755);
  }
  writeFileSync(join(folder, 'release'), `IMPLEMENTOR="Somebody"\nJAVA_VERSION="${version}"\n`);
  return folder;
}

test('a JDK is known by its release file', async (t) => {
  const folder = await scratch(t);
  const verdict = (version) => {
    fakeJdk(join(folder, 'jdk'), version);
    return shell(`is_jdk '${join(folder, 'jdk')}' && echo yes || echo no`).out;
  };
  for (const version of ['25', '25.0.3']) assert.equal(verdict(version), 'yes', version);
  for (const version of ['17.0.15', '24.0.1', '250', '26']) assert.equal(verdict(version), 'no', version);
  assert.equal(shell(`is_jdk '${folder}/gone' && echo yes || echo no`).out, 'no');
});

test('JAVA_HOME goes first; one that is none is passed over', async (t) => {
  const folder = await scratch(t);
  const home = fakeJdk(join(folder, 'my jdk'), '25.0.1');
  assert.equal(shell('find_jdk', { JAVA_HOME: home }).out, home);
  const old = fakeJdk(join(folder, 'old'), '17.0.1');
  const sdkman = fakeJdk(join(folder, '.sdkman/candidates/java/25-tem'), '25');
  const found = shell('java_homes() { printf "%s\\n" "$JAVA_HOME" "$HOME"/.sdkman/candidates/java/*; }; find_jdk',
    { JAVA_HOME: old, HOME: folder });
  assert.equal(found.out, sdkman);
});

test('without a JDK it says what is missing and how to get it', () => {
  const { code, err } = shell('java_homes() { :; }; find_jdk', { JAVA_HOME: '/old/jdk' });
  assert.equal(code, 1);
  assert.match(err, /a JDK 25 is needed and was not found. JAVA_HOME is \/old\/jdk, which is not one/);
  assert.match(err, /apt-get install/);
  assert.match(err, /brew install/);
});

test('the key changes with the content of a source, not with its time', async (t) => {
  const folder = await scratch(t);
  const jdk = fakeJdk(join(folder, 'jdk'), '25');
  const checkout = join(folder, 'checkout');
  // What the command is made of: all but what tests and measures it.
  const modules = [...readFileSync(join(ROOT, 'pom.xml'), 'utf8').matchAll(/<module>(.*)<\/module>/g)]
    .map(([, module]) => module).filter((module) => !/^(e2e|bench)\//.test(module));
  for (const part of ['.mvn', ...modules, 'cli/src/test', 'cli/target']) {
    mkdirSync(join(checkout, part), { recursive: true });
  }
  copyFileSync(join(ROOT, 'longshore'), join(checkout, 'longshore'));
  writeFileSync(join(checkout, 'pom.xml'), '<project/>');
  const key = () => shell(`build_key '${checkout}' '${jdk}'`).out;
  const first = key();
  assert.match(first, /^\d+$/);
  writeFileSync(join(checkout, 'pom.xml'), '<project/>');
  writeFileSync(join(checkout, 'cli/src/test/T.java'), 'class T {}');
  writeFileSync(join(checkout, 'cli/target/T.class'), 'x');
  assert.equal(key(), first);
  writeFileSync(join(checkout, 'cli/A.java'), 'class A {}');
  assert.notEqual(key(), first);
  for (const module of modules) {
    const before = key();
    writeFileSync(join(checkout, module, 'Changed.java'), 'class Changed {}');
    assert.notEqual(key(), before, module);
  }
  const before = key();
  fakeJdk(jdk, '25.0.4');
  assert.notEqual(key(), before);
});

test('it works from elsewhere and through a symbolic link, and starts at once', async (t) => {
  const folder = await scratch(t);
  symlinkSync(join(ROOT, 'longshore'), join(folder, 'absolute'));
  symlinkSync('absolute', join(folder, 'relative'));
  const version = spawnSync(join(folder, 'relative'), ['version'], { cwd: '/', encoding: 'utf8' });
  assert.match(version.stdout, /^longshore \d/);
  const begin = performance.now();
  const again = spawnSync(join(folder, 'relative'), ['version'], { cwd: folder, encoding: 'utf8' });
  t.diagnostic(`version took ${Math.round(performance.now() - begin)} ms`);
  assert.equal(again.stderr, '');
  assert.equal(again.status, 0);
});

test('the build rehearses, and every start uses what was learnt', () => {
  const built = join(ROOT, '.longshore', 'app');
  const [app] = readdirSync(built);
  const log = readFileSync(join(ROOT, '.longshore', 'build.log'), 'utf8');
  for (const scene of ['messages of 64 bytes', 'handshakes', 'handshakes over TLS', 'requests over HTTP/2', 'changes']) {
    assert.match(log, new RegExp(`^rehearsed ${scene}$`, 'm'));
  }
  // `AOTMode=on`: a cache that can't be used ends the start, and `auto`, the default, says nothing of it.
  const run = spawnSync(join(ROOT, 'longshore'), ['version'], {
    env: { ...process.env, LONGSHORE_JAVA_OPTS: '-XX:AOTMode=on -Xlog:aot' }, encoding: 'utf8',
  });
  assert.equal(run.status, 0, run.stderr);
  assert.match(run.stdout, new RegExp(`Opened AOT cache .*${app}/longshore.aot`));
});

test('a checkout that is read-only and not built says so', async (t) => {
  const folder = await scratch(t);
  for (const part of ['.mvn', 'crds', 'process', 'dataplane', 'operator', 'cli']) mkdirSync(join(folder, part));
  copyFileSync(join(ROOT, 'longshore'), join(folder, 'longshore'));
  writeFileSync(join(folder, 'pom.xml'), '<project/>');
  writeFileSync(join(folder, '.longshore'), 'a file where the folder should be');
  const run = spawnSync(join(folder, 'longshore'), ['version'], { encoding: 'utf8' });
  assert.equal(run.status, 1);
  assert.match(run.stderr, /is not built yet, and .* can't be written to/);
});

test('wrong usage exits with 2, what cannot start with 3', async (t) => {
  const run = (...args) => spawnSync(join(ROOT, 'longshore'), args, { encoding: 'utf8' });
  const folder = await scratch(t);
  const usage = run('standalone', '--http', 'nonsense', '--manifests', folder);
  assert.equal(usage.status, 2);
  assert.match(usage.stderr, /'nonsense' is not ADDR:PORT/);
  assert.equal(run('standalone').status, 2);
  const missing = run('standalone', '--manifests', join(folder, 'gone'));
  assert.equal(missing.status, 3);
  assert.match(missing.stderr, /there is no folder .*gone/);
});

test('a port that is taken is named', async (t) => {
  const { createServer } = await import('node:net');
  const folder = await scratch(t);
  const server = createServer().listen(0, '127.0.0.1');
  await new Promise((resolve) => server.on('listening', resolve));
  const { port } = server.address();
  const { Longshore } = await import('../lib/longshore.mjs');
  const run = await Longshore.run('standalone', '--manifests', folder, '--http', `127.0.0.1:${port}`,
    '--metrics', '127.0.0.1:0', '--admin', '127.0.0.1:0');
  server.close();
  assert.equal(run.exit, 3);
  assert.match(run.err, new RegExp(`127\\.0\\.0\\.1:${port}`));
  assert.doesNotMatch(run.err, /\tat /);
});

// What others' tools say of a Longshore: slowhttptest (https://github.com/shekyan/slowhttptest), which keeps connections
// busy by being slow and asks beside them whether anybody else is served, and testssl.sh (https://testssl.sh), which
// tries the known attacks on TLS. All at once, so that it takes as long as the longest.
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { readFile, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { flooding } from '../lib/flooding.mjs';
import { Longshore, scratch } from '../lib/longshore.mjs';
import { certificate, defaultSecret, prefix, route } from '../lib/tenants.mjs';

const SECONDS = 8;
const CONNECTIONS = 300;

// What a scan would have to look up elsewhere, or the test's own certificate or this machine's openssl is to blame for.
const NOT_OURS = /^(scanTime|overall_grade|engine_problem)/;
const HARMLESS = new Set(['OK', 'INFO']);

/** Why a tool's tests are skipped, if they are: CI installs it where that is possible. */
function missing(command, debian) {
  if (spawnSync('which', [command]).status === 0) return false;
  return `there is no ${command}: apt-get install ${debian}`;
}

/** What a command prints until it ends. */
function output(command, ...args) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'pipe'] });
  return new Promise((resolve, reject) => {
    let out = '';
    child.stdout.setEncoding('utf8').on('data', (text) => (out += text));
    child.stderr.setEncoding('utf8').on('data', (text) => (out += text));
    child.on('error', reject);
    child.on('close', () => resolve(out));
  });
}

/** One attack of slowhttptest; each second it says whether others are served. */
async function slow(t, folder, url, ...mode) {
  const report = join(folder, `slow${mode[0]}`);
  const out = await output('slowhttptest', ...mode, '-c', CONNECTIONS, '-r', CONNECTIONS / 2, '-l', SECONDS,
    '-u', url, '-g', '-o', report);
  const [head, ...rows] = (await readFile(`${report}.csv`, 'utf8').catch(() => assert.fail(out))).trim().split('\n');
  const columns = head.split(',');
  const seconds = rows.map((row) => Object.fromEntries(row.split(',').map((cell, i) => [columns[i], Number(cell)])));
  t.diagnostic(`${mode.join(' ')}: ${JSON.stringify(seconds.at(-1))}`);
  assert.ok(seconds.length >= SECONDS / 2, out);
  assert.ok(seconds.some((second) => second.Connected > CONNECTIONS / 4), `nothing was attacked:\n${out}`);
  assert.deepEqual(seconds.filter((second) => second['Service Available'] === 0), [], out);
}

test('what tools find', { timeout: 240_000 }, async (t) => {
  const folder = await scratch(t);
  const reports = await scratch(t);
  // Not before a body has ended does it answer.
  const backend = await flooding(t);
  const pair = certificate('chat.example.com');
  await writeFile(join(folder, 'routes.yaml'), `${defaultSecret(pair, 'demo')}
---
apiVersion: longshore.dev/v1alpha1
kind: LongshoreConfig
metadata: {name: quick}
spec:
  accessLog: Disabled
  defaultCertificate: {name: default, namespace: demo}
  bounds: {bodyBytes: 1Mi}
  processDrain: {delay: 0s, window: 1s, deadline: 1s}
---
${route('chat', 'chat.example.com', backend, prefix('/')).replace('  hosts: ["chat.example.com"]\n', '')}`);
  const longshore = await Longshore.standalone(t, folder, '--https', '127.0.0.1:0');
  const https = longshore.out.match(/https:\/\/127\.0\.0\.1:(\d+)/)[1];
  assert.equal((await fetch(longshore.url('/'))).status, 200);

  // What bash and openssl do takes most; begun first.
  const testssl = t.test('testssl', { skip: missing('testssl', 'testssl.sh') }, async (t) => {
    const report = join(reports, 'testssl.json');
    const out = await output('testssl', '--quiet', '--warnings', 'off', '--color', '0', '--ip', '127.0.0.1',
      '-p', '-U', '--jsonfile', report, `chat.example.com:${https}`);
    const findings = JSON.parse(await readFile(report, 'utf8').catch(() => assert.fail(out)))
      .filter(({ id }) => !NOT_OURS.test(id));
    t.diagnostic(findings.map(({ id, severity }) => `${id} ${severity}`).join(', '));
    for (const asked of ['heartbleed', 'CCS', 'ticketbleed', 'ROBOT', 'secure_client_renego', 'CRIME_TLS', 'TLS1_3']) {
      assert.ok(findings.some(({ id }) => id === asked), `${asked} was not asked:\n${out}`);
    }
    assert.deepEqual(findings.filter(({ severity }) => !HARMLESS.has(severity)), [], out);
  });
  const attacks = [
    ['slow headers', '-H', '-i', '2'],
    ['slow bodies', '-B', '-i', '2', '-s', '100000'],
    ['slow readers', '-X', '-k', '3', '-w', '10', '-y', '20', '-n', '2', '-z', '8'],
  ].map(([what, ...mode]) => t.test(`slowhttptest, ${what}`, { skip: missing('slowhttptest', 'slowhttptest') },
    (t) => slow(t, reports, longshore.url('/'), ...mode)));
  await Promise.all([testssl, ...attacks]);
  assert.equal((await fetch(longshore.url('/'))).status, 200);
  assert.equal(await longshore.end(), 0);
});

// That HTTP/2 is spoken as it is written: h2spec, whole, and the cases of RFC 8441 beside it (../h2spec).
import assert from 'node:assert/strict';
import { spawn, spawnSync } from 'node:child_process';
import { writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { test } from 'node:test';
import { Backend } from '../lib/backend.mjs';
import { Longshore, ROOT, scratch } from '../lib/longshore.mjs';
import { certificate, defaultSecret } from '../lib/tenants.mjs';

const GO = spawnSync('go', ['version']).status === 0;
// 146 of h2spec's own, and those of RFC 8441.
const LEAST_CASES = 146 + 24;

const manifests = (port) => `${defaultSecret(certificate('chat.example.com'), 'demo')}
---
apiVersion: longshore.dev/v1alpha1
kind: LongshoreConfig
metadata: {name: shared}
spec:
  http2: {http: Enabled}
  defaultCertificate: {name: default, namespace: demo}
---
apiVersion: longshore.dev/v1alpha1
kind: WebSocketRoute
metadata: {name: any, namespace: demo}
spec:
  upstreams: [{name: pool, endpoints: [{address: 127.0.0.1, port: ${port}}]}]
  locations: [{path: /, upstream: pool}]
`;

/** What a program prints until it ends, and its status. */
async function output(command, ...args) {
  const child = spawn(command, args, { stdio: ['ignore', 'pipe', 'inherit'] });
  let text = '';
  child.stdout.setEncoding('utf8').on('data', (data) => (text += data));
  const status = await new Promise((resolve) => child.once('close', resolve));
  return { text, status };
}

test('h2spec passes whole, in the clear and over TLS', {
  skip: GO || process.env.CI ? false : 'no Go', timeout: 300_000,
}, async (t) => {
  const built = await output(join(ROOT, 'e2e/h2spec/build'));
  assert.equal(built.status, 0);
  const folder = await scratch(t);
  const backend = await Backend.start(t, 'one');
  await writeFile(join(folder, 'all.yaml'), manifests(backend.port));
  const longshore = await Longshore.standalone(t, folder, '--https', '127.0.0.1:0');
  const [, https] = await longshore.line(/serves [^;]*https:\/\/127\.0\.0\.1:(\d+)/, 10_000);
  for (const args of [['-port', longshore.http], ['-port', https, '-tls']]) {
    const { text, status } = await output(built.text.trim(), ...args);
    // Without the lines that were written over.
    const shown = text.replaceAll(/^.*\r/gm, '');
    const [, cases, passed] = shown.match(/(\d+) tests, (\d+) passed, 0 skipped, 0 failed/) ?? assert.fail(shown);
    assert.equal(status, 0, shown);
    assert.equal(passed, cases);
    assert.ok(cases >= LEAST_CASES, `${cases} cases`);
  }
});

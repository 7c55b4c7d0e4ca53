// Runs a hostile peer beside a test.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ATTACKER = join(dirname(fileURLToPath(import.meta.url)), 'attacker.mjs');

/**
 * Starts an attack and waits until it stands.
 *
 * @param name of the attack, see attacker.mjs
 * @param settings port, path, host, count, tls
 * @return `now()`, how many connections are open, were lost, and what was done; and `end()`
 */
export async function attack(t, name, settings) {
  const child = spawn(process.execPath, [ATTACKER, name, JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  const end = async () => { child.kill('SIGKILL'); await ended; };
  t.after(end);
  let said = null;
  let standing = () => {};
  const stands = new Promise((resolve) => (standing = resolve));
  let out = '';
  child.stdout.setEncoding('utf8').on('data', (text) => {
    const lines = (out + text).split('\n');
    out = lines.pop();
    if (lines.length === 0) return;
    said = JSON.parse(lines.at(-1));
    standing();
  });
  await Promise.race([
    stands,
    ended.then((code) => { throw new Error(`the attacker ended with ${code}`); }),
  ]);
  return { now: () => said, end };
}

// Runs a hostile peer beside a test.
import { spawn } from 'node:child_process';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

const ATTACKER = join(dirname(fileURLToPath(import.meta.url)), 'attacker.mjs');

/**
 * Starts an attack and waits until it stands.
 *
 * @param name of the attack, see attacker.mjs
 * @param settings port, path, host, count
 * @return what it holds, and `end()`
 */
export async function attack(t, name, settings) {
  const child = spawn(process.execPath, [ATTACKER, name, JSON.stringify(settings)], {
    stdio: ['ignore', 'pipe', 'inherit'],
  });
  const ended = new Promise((resolve) => child.on('close', resolve));
  const end = async () => { child.kill('SIGKILL'); await ended; };
  t.after(end);
  const line = await Promise.race([
    new Promise((resolve) => {
      let out = '';
      child.stdout.setEncoding('utf8').on('data', (text) => {
        out += text;
        if (out.includes('\n')) resolve(out);
      });
    }),
    ended.then((code) => { throw new Error(`the attacker ended with ${code}`); }),
  ]);
  return { ...JSON.parse(line), end };
}

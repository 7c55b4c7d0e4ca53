// Starts lib/flood-backend.mjs, a process of its own, beside a test.
import { spawn } from 'node:child_process';
import { once } from 'node:events';
import { fileURLToPath } from 'node:url';

/** Its port; it ends with the test. */
export async function flooding(t) {
  const script = fileURLToPath(new URL('flood-backend.mjs', import.meta.url));
  const child = spawn(process.execPath, [script], { stdio: ['ignore', 'pipe', 'inherit'] });
  t.after(() => child.kill('SIGKILL'));
  const [line] = await once(child.stdout, 'data');
  return Number(line);
}

// Starts the real launcher and reads what it prints.
import { spawn } from 'node:child_process';
import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { fileURLToPath } from 'node:url';

export const ROOT = join(dirname(fileURLToPath(import.meta.url)), '..', '..');
const START_MS = 60_000;
const END_MS = 30_000;

/** A folder that is removed after the test. */
export async function scratch(t) {
  const folder = await mkdtemp(join(tmpdir(), 'longshore-e2e-'));
  t.after(() => rm(folder, { recursive: true, force: true }));
  return folder;
}

/** Waits until `condition` gives something true, and returns that. */
export async function until(what, condition, ms = 20_000) {
  const end = Date.now() + ms;
  for (;;) {
    const result = await condition();
    if (result) return result;
    if (Date.now() > end) throw new Error(`waited ${ms} ms in vain for: ${what}`);
    await new Promise((resolve) => setTimeout(resolve, 10));
  }
}

/** A running `./longshore`. */
export class Longshore {
  out = '';
  err = '';
  exit = null;

  constructor(args, env) {
    this.process = spawn(join(ROOT, 'longshore'), args, {
      env: { ...process.env, ...env },
      stdio: ['ignore', 'pipe', 'pipe'],
    });
    this.process.stdout.setEncoding('utf8').on('data', (text) => (this.out += text));
    this.process.stderr.setEncoding('utf8').on('data', (text) => (this.err += text));
    this.ended = new Promise((resolve) =>
      this.process.on('close', (code, signal) => resolve((this.exit = code ?? signal))),
    );
  }

  /** Runs a command to its end. */
  static async run(...args) {
    const longshore = new Longshore(args);
    await longshore.ended;
    return longshore;
  }

  /** Serves a folder on free ports of loopback until the test ends; the last may be `{ env }`. */
  static async standalone(t, folder, ...more) {
    const { env } = typeof more.at(-1) === 'object' ? more.pop() : {};
    return Longshore.#serve(t, ['standalone', '--manifests', folder, ...more], env);
  }

  static async #serve(t, args, env) {
    const free = '127.0.0.1:0';
    const longshore = new Longshore(
      [...args, '--http', free, '--metrics', free, '--admin', free],
      env,
    );
    t.after(() => longshore.end('SIGKILL'));
    const line = await longshore.line(
      /serves .* at http:\/\/127\.0\.0\.1:(\d+)[^;]*; metrics http:\/\/127\.0\.0\.1:(\d+)\S*, admin http:\/\/127\.0\.0\.1:(\d+)/,
      START_MS,
    );
    [longshore.http, longshore.metricsPort, longshore.admin] = line.slice(1).map(Number);
    await until('readiness', async () =>
      (await fetch(`http://127.0.0.1:${longshore.metricsPort}/readyz`)).ok);
    return longshore;
  }

  /** Waits for something on standard output; returns the match. */
  line(pattern, ms) {
    return until(`${pattern} in the output`, () => {
      const match = this.out.match(pattern);
      if (!match && this.exit !== null) {
        throw new Error(`ended with ${this.exit}:\n${this.out}\n${this.err}`);
      }
      return match;
    }, ms);
  }

  url(path) {
    return `http://127.0.0.1:${this.http}${path}`;
  }

  socketUrl(path) {
    return `ws://127.0.0.1:${this.http}${path}`;
  }

  /** The value of a metric, summed over its labels. */
  async metric(name) {
    const text = await (await fetch(`http://127.0.0.1:${this.metricsPort}/metrics`)).text();
    let sum = 0;
    let found = false;
    for (const line of text.split('\n')) {
      if (line.startsWith(name) && /^[ {]/.test(line.slice(name.length))) {
        sum += Number(line.slice(line.lastIndexOf(' ') + 1));
        found = true;
      }
    }
    if (!found) throw new Error(`there is no metric ${name}`);
    return sum;
  }

  async end(signal = 'SIGTERM') {
    if (this.exit === null) this.process.kill(signal);
    const late = setTimeout(() => this.process.kill('SIGKILL'), END_MS);
    await this.ended;
    clearTimeout(late);
    return this.exit;
  }
}

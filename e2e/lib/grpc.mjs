// grpc-go at both ends (e2e/grpc), built once.
import { execFile, spawn, spawnSync } from 'node:child_process';
import { once } from 'node:events';
import { mkdir } from 'node:fs/promises';
import { homedir } from 'node:os';
import { join } from 'node:path';
import { createInterface } from 'node:readline';
import { promisify } from 'node:util';
import { ROOT } from './longshore.mjs';

const TOOL = join(process.env.XDG_CACHE_HOME ?? join(homedir(), '.cache'), 'longshore', 'e2e-grpc');

/** Why nothing of it can be run; false: it can. */
export const noGo = spawnSync('go', ['version']).status === 0 ? false : 'no Go';

/** Builds it, if it isn't. */
export async function build() {
  await mkdir(join(TOOL, '..'), { recursive: true });
  await promisify(execFile)('go', ['build', '-o', TOOL, '.'], { cwd: join(ROOT, 'e2e', 'grpc') });
}

/** A server of the interop test service and of grpc.health.v1. */
export class GrpcServer {
  static async start(t) {
    const server = new GrpcServer();
    server.process = spawn(TOOL, ['serve'], { stdio: ['pipe', 'pipe', 'inherit'] });
    t.after(() => server.end());
    const [line] = await once(createInterface({ input: server.process.stdout }), 'line');
    server.port = Number(line);
    return server;
  }

  /** What its health service says from now on. */
  says(serving) {
    this.process.stdin.write(serving ? 'serving\n' : 'not serving\n');
  }

  end() {
    this.process.kill('SIGKILL');
  }
}

/** A client; `lines` is what it has printed. */
export class GrpcClient {
  lines = [];

  constructor(t, ...args) {
    this.process = spawn(TOOL, args, { stdio: ['ignore', 'pipe', 'pipe'] });
    t.after(() => this.process.kill('SIGKILL'));
    createInterface({ input: this.process.stdout }).on('line', (line) => this.lines.push(line));
    let errors = '';
    this.process.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
    this.ended = once(this.process, 'close').then(([code]) => {
      if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code} behind ${this.lines}:\n${errors}`);
      return this.lines;
    });
    // Looked at by whoever waits for it.
    this.ended.catch(() => {});
  }
}

/** What one client prints until it ends. */
export function ask(t, ...args) {
  return new GrpcClient(t, ...args).ended;
}

// ---- grpc-java at both ends (e2e/grpc-java), fetched once

/** Why nothing of it can be run; false: it can. */
export const noJava =
  spawnSync('mvn', ['-v']).status === 0 && spawnSync(java(), ['-version']).status === 0 ? false : 'no Maven, or no Java';

function java() {
  return process.env.JAVA_HOME ? join(process.env.JAVA_HOME, 'bin', 'java') : 'java';
}

/** Fetches it, if it isn't there; what a JVM is started with. */
export async function fetchJava() {
  const folder = join(ROOT, 'e2e', 'grpc-java');
  const { stdout } = await promisify(execFile)(join(folder, 'build'), { maxBuffer: 1 << 20 });
  return ['-cp', stdout.trim(), '-XX:TieredStopAtLevel=1', join(folder, 'Interop.java')];
}

/** A process of it; what it prints, line by line. */
export class GrpcJava {
  lines = [];

  constructor(t, command, ...args) {
    this.process = spawn(java(), [...command, ...args], { stdio: ['ignore', 'pipe', 'pipe'] });
    t.after(() => this.process.kill('SIGKILL'));
    createInterface({ input: this.process.stdout }).on('line', (line) => this.lines.push(line));
    let errors = '';
    this.process.stderr.setEncoding('utf8').on('data', (text) => (errors += text));
    this.ended = once(this.process, 'close').then(([code]) => {
      if (code !== 0) throw new Error(`${args.join(' ')} ended with ${code} behind ${this.lines}:\n${errors}`);
      return this.lines.filter((line) => line.startsWith('passed '));
    });
    // Looked at by whoever waits for it.
    this.ended.catch(() => {});
  }
}

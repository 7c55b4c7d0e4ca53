// How much memory a process has, and what a pod of deploy/ may have.
import assert from 'node:assert/strict';
import { readFile } from 'node:fs/promises';

const EVERY_MS = 250;

/** JVM flags of deploy/base/dataplane: 35 % of 1 GiB of heap, and as much again outside of it. */
export const MEMORY = '-Xmx358m -XX:+ExitOnOutOfMemoryError';
const POD_MIB = 1024;
const DIRECT_MIB = 358;

/** Follows a Longshore's memory; Linux only, elsewhere it sees its network buffers alone. */
export class Footprint {
  #longshore;
  #timer;
  #resident = 0;
  #direct = 0;

  constructor(t, longshore) {
    this.#longshore = longshore;
    this.#timer = setInterval(() => this.#look().catch(() => {}), EVERY_MS);
    t.after(() => this.end());
  }

  async #look() {
    const status = await readFile(`/proc/${this.#longshore.process.pid}/status`, 'utf8').catch(() => '');
    const [, kib] = status.match(/^VmRSS:\s+(\d+)/m) ?? [, 0];
    this.#resident = Math.max(this.#resident, Number(kib) / 1024);
    this.#direct = Math.max(this.#direct, (await this.#longshore.metric('longshore_buffer_direct_bytes')) / 2 ** 20);
  }

  /** The most since it was last asked; fails if a pod would have been killed. */
  async most() {
    // Metrics may be under attack: then the last that was seen has to do.
    await Promise.race([this.#look().catch(() => {}), new Promise((resolve) => setTimeout(resolve, 2000))]);
    const said = `${this.#resident.toFixed(0)} MiB resident, ${this.#direct.toFixed(0)} MiB of buffers`;
    assert.ok(this.#resident < POD_MIB, said);
    assert.ok(this.#direct <= DIRECT_MIB, said);
    this.#resident = this.#direct = 0;
    return said;
  }

  end() {
    clearInterval(this.#timer);
  }
}

// Everybody else while somebody attacks: tunnels with traffic, and how long their echoes take.
import assert from 'node:assert/strict';
import { connect } from './client.mjs';

const EVERY_MS = 1000;
const AT_ONCE = 50;

/** Echoes of tunnels that go one way. */
class Echoes {
  #latencies = [];
  #tunnels = [];
  #timers = [];

  /** Opens tunnels; `lost` hears of each that ends. */
  async open(count, lost, ...where) {
    for (let i = 0; i < count; i += AT_ONCE) {
      const opened = await Promise.all(Array.from({ length: Math.min(AT_ONCE, count - i) }, () => connect(...where)));
      opened.forEach(({ socket }, j) => this.#follow(socket, (code) => lost(`tunnel ${i + j}: ${code}`)));
    }
  }

  #follow(socket, lost) {
    const waiting = [];
    this.#tunnels.push(waiting);
    socket.on('close', lost);
    socket.on('message', () => this.#latencies.push(performance.now() - waiting.shift()));
    this.#timers.push(setInterval(() => {
      if (socket.readyState !== 1) return;
      waiting.push(performance.now());
      socket.send('still there?');
    }, EVERY_MS * (0.5 + Math.random())));
  }

  begin() {
    this.#latencies = [];
  }

  /** The p99 since `begin`; what is waited for counts with its age, lest silence looks like peace. */
  p99() {
    const now = performance.now();
    const all = [...this.#latencies, ...this.#tunnels.flat().map((sent) => now - sent)].toSorted((a, b) => a - b);
    assert.ok(all.length >= 100, `only ${all.length} echoes`);
    return all[Math.floor(all.length * 0.99)];
  }

  end() {
    this.#timers.forEach(clearInterval);
  }
}

/**
 * Tunnels of others through Longshore, and beside them a few that go to the backend directly. Those share client,
 * backend and cores with the first, but not Longshore: what they wait is the machine's doing.
 */
export class Others {
  lost = [];
  #through = new Echoes();
  #direct = new Echoes();

  /** Opens so many more, through Longshore. */
  open(count, ...where) {
    return this.#through.open(count, (what) => this.lost.push(what), ...where);
  }

  /** Opens the ones to compare with. */
  compare(count, ...where) {
    return this.#direct.open(count, (what) => this.lost.push(`direct ${what}`), ...where);
  }

  /** What echoes take while something goes on, in milliseconds: the p99 of those through Longshore and of the direct. */
  async during(what) {
    this.#through.begin();
    this.#direct.begin();
    await what();
    return { through: this.#through.p99(), direct: this.#direct.p99() };
  }

  end() {
    this.#through.end();
    this.#direct.end();
  }
}

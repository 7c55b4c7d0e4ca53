// A backend that sends more than anybody takes: messages on /flood, an answer without end on /large, interim answers
// without end on /interim; other paths echo, or answer "ok". A process of its own, for the test that starts it measures
// others meanwhile, and of less priority, like attackers: prints its port.
import { createServer } from 'node:http';
import { setPriority } from 'node:os';
import { WebSocketServer } from 'ws';

setPriority(5);

const chunk = Buffer.alloc(64 << 10, 'x');
const hints = Buffer.from('HTTP/1.1 103 Early Hints\r\nLink: </a.css>; rel=preload\r\n\r\n'.repeat(500));

// How often something is written before others have their turn: a fast reader would keep the process for itself.
const TURN = 16;

/** Writes one thing as long as it is taken. */
function endless(stream, piece) {
  const more = () => {
    for (let i = 0; i < TURN && !stream.destroyed; i++) if (!stream.write(piece)) return;
    if (!stream.destroyed) setImmediate(more);
  };
  stream.on('drain', more);
  more();
}

const server = createServer((request, response) => {
  request.resume();
  if (request.url === '/large') endless(response, chunk);
  else if (request.url === '/interim') endless(response.socket, hints);
  else request.on('end', () => response.end('ok'));
});

new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket, request) => {
  socket.on('error', () => {});
  if (request.url !== '/flood') return void socket.on('message', (data) => socket.send(data));
  const timer = setInterval(() => {
    for (let i = 0; i < TURN && socket.readyState === 1 && socket.bufferedAmount < chunk.length; i++) socket.send(chunk);
  }, 20);
  socket.on('close', () => clearInterval(timer));
});

server.listen(0, '127.0.0.1', 4096, () => process.stdout.write(`${server.address().port}\n`));

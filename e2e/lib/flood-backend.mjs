// A backend that sends more than anybody takes: messages on /flood, an answer without end on /large; other paths
// echo, or answer "ok". A process of its own, for the test that starts it measures others meanwhile: prints its port.
import { createServer } from 'node:http';
import { WebSocketServer } from 'ws';

const chunk = Buffer.alloc(64 << 10, 'x');

const server = createServer((request, response) => {
  request.resume();
  if (request.url !== '/large') return void request.on('end', () => response.end('ok'));
  const more = () => {
    while (!response.destroyed && response.write(chunk));
  };
  response.on('drain', more);
  more();
});

new WebSocketServer({ server, perMessageDeflate: false }).on('connection', (socket, request) => {
  socket.on('error', () => {});
  if (request.url !== '/flood') return void socket.on('message', (data) => socket.send(data));
  const timer = setInterval(() => {
    while (socket.readyState === 1 && socket.bufferedAmount < chunk.length) socket.send(chunk);
  }, 20);
  socket.on('close', () => clearInterval(timer));
});

server.listen(0, '127.0.0.1', 4096, () => process.stdout.write(`${server.address().port}\n`));

// An echo server that says who it is and remembers what it was asked.
import { createServer } from 'node:http';
import { once } from 'node:events';
import { WebSocketServer } from 'ws';

export class Backend {
  requests = [];
  upgrades = [];

  static async start(t, name) {
    const backend = new Backend();
    backend.name = name;
    backend.server = createServer((request, response) => {
      backend.requests.push({ url: request.url, headers: request.headers });
      response.setHeader('content-type', 'text/plain');
      response.end(`${name} ${request.url}\n`);
    });
    const sockets = new WebSocketServer({ server: backend.server, perMessageDeflate: false });
    sockets.on('connection', (socket, request) => {
      backend.upgrades.push({ url: request.url, headers: request.headers });
      socket.on('error', () => {});
      socket.on('message', (data, binary) => socket.send(data, { binary }));
      socket.send(name);
    });
    backend.server.listen(0, '127.0.0.1', 4096);
    await once(backend.server, 'listening');
    backend.port = backend.server.address().port;
    t.after(() => {
      for (const socket of sockets.clients) socket.terminate();
      backend.server.close();
      backend.server.closeAllConnections();
    });
    return backend;
  }
}

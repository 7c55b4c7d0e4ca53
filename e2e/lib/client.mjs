// A WebSocket client whose first message from a Backend is the backend's name.
import WebSocket from 'ws';

/** Opens a tunnel; rejects with the status when the answer is no 101. `options` are those of ws. */
export function connect(url, headers = {}, options = {}) {
  return new Promise((resolve, reject) => {
    const socket = new WebSocket(url, { headers, perMessageDeflate: false, handshakeTimeout: 20_000, ...options });
    socket.on('unexpected-response', (request, response) => {
      response.resume();
      request.destroy();
      reject(Object.assign(new Error(`answered ${response.statusCode}`), { status: response.statusCode }));
    });
    socket.on('error', reject);
    socket.once('message', (name) => resolve({ socket, backend: name.toString() }));
  });
}

/** Sends a message and waits for its echo. */
export function echo(socket, text) {
  return new Promise((resolve, reject) => {
    const late = setTimeout(() => reject(new Error(`no echo of ${text}`)), 20_000);
    socket.once('message', (data) => {
      clearTimeout(late);
      resolve(data.toString());
    });
    socket.send(text);
  });
}

// Clients of HTTP/2 by Node's own module, and WebSockets on their streams (RFC 8441).
import { once } from 'node:events';
import http2 from 'node:http2';
import { WebSocket } from 'ws';

/** A connection whose server has said what it can. */
export async function connect(t, url, options = {}) {
  const session = http2.connect(url, { rejectUnauthorized: false, ...options });
  session.on('error', () => {});
  t.after(() => session.destroy());
  await once(session, 'remoteSettings');
  return session;
}

/** A request and its whole answer. */
export async function ask(session, headers, body) {
  const stream = session.request(headers, { endStream: body === undefined });
  if (body !== undefined) stream.end(body);
  const answered = once(stream, 'response');
  let text = '';
  stream.setEncoding('utf8').on('data', (data) => (text += data));
  const [fields] = await answered;
  if (!stream.readableEnded) await once(stream, 'end');
  return { status: fields[':status'], fields, text };
}

/** A WebSocket on a stream of a connection, open; `greeting` is its first message. */
export async function socket(session, authority, path) {
  const stream = session.request(
    {
      ':method': 'CONNECT',
      ':protocol': 'websocket',
      ':scheme': 'http',
      ':authority': authority,
      ':path': path,
      'sec-websocket-version': '13',
    },
    { endStream: false },
  );
  const [fields] = await once(stream, 'response');
  if (fields[':status'] !== 200) throw new Error(`answered ${fields[':status']}`);
  // As `ws` makes one of a socket that was upgraded, but for the role, which decides about masks.
  const opened = new WebSocket(null, undefined, { autoPong: true });
  opened._isServer = false;
  opened.greeting = once(opened, 'message').then(([data]) => data.toString());
  opened.setSocket(stream, Buffer.alloc(0), { maxPayload: 1 << 20, skipUTF8Validation: false });
  opened.on('error', () => {});
  return opened;
}

// A SockJS server that says who it is with every echo, and its port to the process that forked it. A process of its own,
// for all SockJS servers of one share their sessions.
import { createServer } from 'node:http';
import sockjs from 'sockjs';

const name = process.argv[2];
const server = sockjs.createServer({ log: () => {} });
server.on('connection', (connection) => {
  connection.on('data', (text) => connection.write(`${name} ${text}`));
});
const http = createServer();
server.installHandlers(http, { prefix: '/echo' });
http.listen(0, '127.0.0.1', () => process.send(http.address().port));
process.on('disconnect', () => process.exit());

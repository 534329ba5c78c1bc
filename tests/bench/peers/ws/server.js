// An echo or broadcast server on ws, to be measured beside wsecho.
//
// Choices: compression off, which is the default, and the native bufferutil installed, which
// ws recommends for speed. Payloads stay buffers: ws checks text but does not decode it. A
// broadcast loops over the server's clients, as the documentation does, and ws frames it anew
// for each. Node raises the descriptor limit by itself.
import { parseArgs } from 'node:util';
import { WebSocketServer } from 'ws';

const backlog = 4096;

const { values: options } = parseArgs({
  options: {
    port: { type: 'string', default: '0' },
    mode: { type: 'string', default: 'echo' },
  },
});
if (!['echo', 'broadcast'].includes(options.mode)) {
  console.error(`ws: --mode is echo or broadcast, not '${options.mode}'`);
  process.exit(2);
}

const server = new WebSocketServer({
  host: '127.0.0.1',
  port: Number(options.port),
  backlog,
  perMessageDeflate: false,
  clientTracking: options.mode === 'broadcast',
});

function publish(data, binary) {
  for (const client of server.clients) client.send(data, { binary });
}

server.on('connection', (client) => {
  client.on('error', () => {}); // the close that follows is enough
  if (options.mode === 'echo') {
    client.on('message', (data, binary) => client.send(data, { binary }));
  } else {
    client.on('message', publish);
  }
});
server.on('listening', () => console.log(`listening on 127.0.0.1:${server.address().port}`));
server.on('error', (error) => {
  console.error(`ws: ${error.message}`);
  process.exit(1);
});
process.on('SIGTERM', () => process.exit(0));

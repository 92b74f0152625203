// Run by play.ts where there is no haproxy: node relay.ts PORT…. Each connection goes to the next collector, byte for byte.
import { connect, createServer } from 'node:net';

let turn = 0;
for (const port of process.argv.slice(2).map(Number)) {
  const server = createServer((client) => {
    turn += 1;
    const collector = connect(port, `collector${(turn % 2) + 1}`);
    client.pipe(collector).pipe(client);
    for (const side of [client, collector])
      side.on('error', () => {
        client.destroy();
        collector.destroy();
      });
  });
  server.listen(port, '0.0.0.0');
}

// A ClickHouse that answers every query at once with as many rows as the query says (`rows=3`). Forked by rules.ts; told anything, it says how often it was asked.
import { createServer } from 'node:http';
import type { AddressInfo } from 'node:net';

const META = [
  { name: 'service', type: 'String' },
  { name: 'value', type: 'Float64' },
  { name: 'annotation_reason', type: 'String' },
];
let asked = 0;

const server = createServer((request, response) => {
  void Array.fromAsync(request).then((chunks) => {
    asked += 1;
    const query = Buffer.concat(chunks as Buffer[]).toString();
    const rows = Number(/rows=(\d+)/.exec(query)?.[1] ?? 0);
    const data = Array.from({ length: rows }, (_, at) => [`service-${at}`, (asked % 100) / 100, 'because']);
    response.setHeader('content-type', 'application/json');
    response.end(JSON.stringify({ meta: META, data, rows }));
  });
});
server.keepAliveTimeout = 60_000;
server.listen(0, '127.0.0.1', () => process.send?.((server.address() as AddressInfo).port));
process.on('message', () => process.send?.(asked));

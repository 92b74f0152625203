import { once } from 'node:events';
import { createServer } from 'node:net';
import { describe, expect, it } from 'vitest';
import { choosePorts } from '../../src/standalone/ports.ts';

const at = (port: number, host = '127.0.0.1') => ({ host, port });

describe('choosePorts', () => {
  it('replaces every port 0 by a free one, each by its own', async () => {
    const result = await choosePorts([
      { setting: 'collector.http', address: at(0) },
      { setting: 'collector.grpc', address: at(0) },
    ]);
    const ports = result.status === 'ok' ? [...result.addresses.values()].map(({ port }) => port) : [];
    expect(new Set(ports).size).toBe(2);
    expect(ports.every((port) => port > 0)).toBe(true);
  });

  it('names the setting whose port another program has', async () => {
    const other = createServer().listen(0, '127.0.0.1');
    await once(other, 'listening');
    const { port } = other.address() as { port: number };
    const result = await choosePorts([{ setting: 'console.http', address: at(port) }]);
    other.close();
    expect(result).toEqual({
      status: 'failed',
      problems: [
        `console.http: 127.0.0.1:${port} is in use by another program; stop it, or set console.http to another port`,
      ],
    });
  });

  it('names both settings that want the same port, and every other problem with them', async () => {
    const free = await choosePorts([{ setting: 'collector.http', address: at(0) }]);
    const port = free.status === 'ok' ? (free.addresses.get('collector.http')?.port ?? 0) : 0;
    const result = await choosePorts([
      { setting: 'collector.http', address: at(port) },
      { setting: 'alerting.http', address: at(port) },
      { setting: 'checker.http', address: at(0, '203.0.113.7') },
    ]);
    expect(result.status === 'failed' && result.problems).toEqual([
      `alerting.http: collector.http has 127.0.0.1:${port} already; give one of them another port`,
      'checker.http: this machine has no address 203.0.113.7; set checker.http to one it has',
    ]);
  });
});

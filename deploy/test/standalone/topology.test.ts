import { existsSync, readFileSync } from 'node:fs';
import { join } from 'node:path';
import { LISTEN_NAMES } from '@tocsin/service/invocation';
import { describe, expect, it } from 'vitest';
import { chooseServices, TOPOLOGY } from '../../src/standalone/topology.ts';

describe('the topology', () => {
  it('starts files that are there', () => {
    for (const { main } of TOPOLOGY)
      expect([main, existsSync(join(import.meta.dirname, '../../..', main))]).toEqual([main, true]);
  });

  it('starts those through which large buffers pass with the flags they set themselves, or their compiled code would be refused', () => {
    const flags = ['--external-memory-accounted-in-global-limit', '--external-memory-max-growing-factor=2'];
    for (const { name, main, nodeOptions } of TOPOLOGY) {
      const sets = readFileSync(join(import.meta.dirname, '../../..', main), 'utf8').includes(
        'collectLessForBuffers()',
      );
      expect([name, flags.every((flag) => nodeOptions?.includes(flag))]).toEqual([name, sets]);
    }
  });

  it('has one service for every address that can be configured', () => {
    expect(TOPOLOGY.flatMap(({ listens }) => listens).toSorted()).toEqual([...LISTEN_NAMES].toSorted());
  });

  it('stops in the reverse of the starting order, all within ten seconds', () => {
    const byStart = TOPOLOGY.toSorted((a, b) => a.startWave - b.startWave);
    const limits = byStart.map(({ stopWithinMs }) => stopWithinMs);
    expect(limits).toEqual(limits.toSorted((a, b) => b - a));
    expect(Math.max(...limits)).toBeLessThan(10_000);
  });

  it('leaves the embedded ClickHouse out where a server is configured', () => {
    expect(chooseServices(true).map(({ name }) => name)).not.toContain('clickhouse');
    expect(chooseServices(false).map(({ name }) => name)).toContain('clickhouse');
  });
});

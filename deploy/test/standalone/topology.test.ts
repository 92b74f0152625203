import { existsSync } from 'node:fs';
import { join } from 'node:path';
import { LISTEN_NAMES } from '@tocsin/service/invocation';
import { describe, expect, it } from 'vitest';
import { chooseServices, TOPOLOGY } from '../../src/standalone/topology.ts';

describe('the topology', () => {
  it('starts files that are there', () => {
    for (const { main } of TOPOLOGY)
      expect([main, existsSync(join(import.meta.dirname, '../../..', main))]).toEqual([main, true]);
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

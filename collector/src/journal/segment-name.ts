import { randomBytes } from 'node:crypto';
import { SIGNALS, type Signal } from '../signal.ts';

/** A segment's name in its parts. */
export interface SegmentName {
  readonly name: string;
  readonly signal: Signal;
  readonly createdAtMs: number;
}

const SHAPE = /^(\d{13})-(\d{6})-(traces|metrics|logs)-[0-9a-f]{8}$/;

/**
 * Makes a source of segment names, as `1763839440123-000001-traces-9f8e7d6c`: they sort by creation even when the clock steps
 * back, and the random part keeps them unique when a data directory or a machine is used again.
 * @param newestMs the newest creation time already in use
 */
export function createSegmentNames(newestMs: number): (signal: Signal, now: number) => SegmentName {
  let lastMs = newestMs;
  let sequence = 0;
  return (signal, now) => {
    lastMs = Math.max(lastMs + (sequence >= 999_999 ? 1 : 0), now);
    sequence = sequence >= 999_999 ? 1 : sequence + 1;
    const parts = [String(lastMs).padStart(13, '0'), String(sequence).padStart(6, '0'), signal];
    return { name: [...parts, randomBytes(4).toString('hex')].join('-'), signal, createdAtMs: lastMs };
  };
}

/** Reads a segment's name. @returns `undefined` for any other text */
export function parseSegmentName(name: string): SegmentName | undefined {
  const match = SHAPE.exec(name);
  const signal = SIGNALS.find((candidate) => candidate === match?.[3]);
  return match && signal ? { name, signal, createdAtMs: Number(match[1]) } : undefined;
}

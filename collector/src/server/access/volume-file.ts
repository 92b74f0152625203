import { readFile, rename, writeFile } from 'node:fs/promises';
import type { Logger } from '@tocsin/service/log';
import type { Gate } from './gate.ts';

/** What keys have sent in a day of UTC, in bytes after decompression, by the keys' names. */
export interface DayVolumes {
  /** As `2026-11-22`. */
  readonly day: string;
  readonly bytes: Readonly<Record<string, number>>;
}

/** What keeping the volumes needs. */
export interface VolumeFileOptions {
  /** Its folder exists. */
  readonly path: string;
  readonly gate: Pick<Gate, 'volumes' | 'setVolumes'>;
  readonly log: Logger;
  /** The least time between two writes, in milliseconds. */
  readonly intervalMs?: number;
}

/** Keeps the volumes on disk until it is stopped. */
export interface VolumeFile {
  /** Writes what is new. */
  stop(): Promise<void>;
}

/**
 * Gives the gate what keys had sent today before a restart, and from then on writes down what they send: when something is new, at most once
 * a second, and at `stop()`. So what a kill forgets is the last second. A file that cannot be read or written stops no telemetry: the log says so.
 */
export async function keepVolumes({ path, gate, log, intervalMs = 1_000 }: VolumeFileOptions): Promise<VolumeFile> {
  const earlier = await readVolumes(path, log);
  if (earlier) gate.setVolumes(earlier);
  let written = JSON.stringify(gate.volumes());
  let isFailing = false;
  let writing = Promise.resolve();

  async function write(): Promise<void> {
    const text = JSON.stringify(gate.volumes());
    if (text === written) return;
    try {
      await writeFile(`${path}.new`, text, { flush: true });
      await rename(`${path}.new`, path);
      written = text;
      isFailing = false;
    } catch (err) {
      if (!isFailing) log.warn({ err, path }, 'cannot write down what keys have sent today; it is tried again');
      isFailing = true;
    }
  }

  // One after the other: a disk that is slow is not given a second write.
  const next = (): Promise<void> => (writing = writing.then(write));
  const timer = setInterval(() => void next(), intervalMs).unref();
  return {
    stop() {
      clearInterval(timer);
      return next();
    },
  };
}

async function readVolumes(path: string, log: Logger): Promise<DayVolumes | undefined> {
  let text: string;
  try {
    text = await readFile(path, 'utf8');
  } catch (err) {
    if ((err as NodeJS.ErrnoException).code !== 'ENOENT')
      log.warn({ err, path }, 'cannot read what keys have sent today: their daily volumes begin anew');
    return undefined;
  }
  const volumes = parseVolumes(text);
  if (!volumes) log.warn({ path }, 'what keys have sent today is damaged: their daily volumes begin anew');
  return volumes;
}

function parseVolumes(text: string): DayVolumes | undefined {
  let value: unknown;
  try {
    value = JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  const { day, bytes } = (value ?? {}) as Partial<Record<keyof DayVolumes, unknown>>;
  if (typeof day !== 'string' || typeof bytes !== 'object' || bytes === null) return undefined;
  const sizes = Object.entries(bytes);
  const good = sizes.every(([, size]) => typeof size === 'number' && Number.isSafeInteger(size) && size >= 0);
  return good ? { day, bytes: Object.fromEntries(sizes) as Record<string, number> } : undefined;
}

import { randomUUID } from 'node:crypto';
import { readFile, rename, rm, writeFile } from 'node:fs/promises';
import { join } from 'node:path';
import { ifMissing } from '../journal/durable-file.ts';

/** Below the collector's data directory: what a backup and the collector say to each other, and what the collector laid out for it. */
export const BACKUP_FOLDER = 'backup';

/** In it, for each backup: the journal as it stood when loading was held for it. */
export function snapshotFolder(directory: string, id: string): string {
  return join(directory, BACKUP_FOLDER, `snapshot-${id}`);
}

/** What a backup asks for: load nothing new until it says otherwise, or until its time is over (it may have been killed). */
export interface HoldRequest {
  readonly id: string;
  /** Milliseconds since the epoch. */
  readonly untilMs: number;
}

/** What the collector says to it. */
export interface HoldState {
  readonly id: string;
  /** `settling`: segments that have been tried are loaded first. `held`: the snapshot is laid out and nothing is loaded. */
  readonly phase: 'settling' | 'held';
  /** Segments that are in ClickHouse as a whole, in part or not at all: nobody can say yet. */
  readonly unsettled: number;
}

const requestPath = (directory: string): string => join(directory, BACKUP_FOLDER, 'request.json');
const statePath = (directory: string): string => join(directory, BACKUP_FOLDER, 'state.json');

/** @param directory the collector's own data directory; its folder for backups exists */
export async function writeHoldRequest(directory: string, request: HoldRequest): Promise<void> {
  await writeWhole(requestPath(directory), request);
}

export async function removeHoldRequest(directory: string): Promise<void> {
  await rm(requestPath(directory), { force: true });
}

/** @returns `undefined` where there is none, or what is there is none */
export async function readHoldRequest(directory: string): Promise<HoldRequest | undefined> {
  const value = await readJson(requestPath(directory));
  const { id, untilMs } = (value ?? {}) as Partial<Record<string, unknown>>;
  return typeof id === 'string' && typeof untilMs === 'number' ? { id, untilMs } : undefined;
}

export async function writeHoldState(directory: string, state: HoldState | undefined): Promise<void> {
  if (state) await writeWhole(statePath(directory), state);
  else await rm(statePath(directory), { force: true });
}

export async function readHoldState(directory: string): Promise<HoldState | undefined> {
  const value = await readJson(statePath(directory));
  const { id, phase, unsettled } = (value ?? {}) as Partial<Record<string, unknown>>;
  const isState = typeof id === 'string' && (phase === 'held' || phase === 'settling') && typeof unsettled === 'number';
  return isState ? { id, phase, unsettled } : undefined;
}

/** Whoever reads it finds all of it or nothing. */
async function writeWhole(path: string, value: unknown): Promise<void> {
  const fresh = `${path}.${randomUUID()}`;
  await writeFile(fresh, JSON.stringify(value), { mode: 0o600 });
  await rename(fresh, path);
}

async function readJson(path: string): Promise<unknown> {
  const text = await readFile(path, 'utf8').catch(ifMissing);
  try {
    return text === undefined ? undefined : JSON.parse(text);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
}

import { link, readFile, rename, rm } from 'node:fs/promises';
import { randomUUID } from 'node:crypto';
import { dirname, join } from 'node:path';
import { ifMissing, syncDirectory, writeDurably } from '../journal/durable-file.ts';
import { encodeFrame } from '../journal/frame.ts';
import { makeInbox } from '../journal/replay-inbox.ts';
import { createSegmentNames, parseSegmentName } from '../journal/segment-name.ts';
import { SEALED_ENDING } from '../journal/segment-writer.ts';
import { BODY_ENDING, REASON_ENDING } from '../load/dead-letter.ts';
import { readRecords } from '../otlp/records.ts';
import { rewriteRequest } from '../otlp/rewrite.ts';
import { scanRequest } from '../otlp/scan.ts';
import { keepMetricKind } from './keep-metric-kind.ts';
import type { FoundLetter } from './inventory.ts';

/** How sending a dead letter back went. */
export type ReplayOutcome =
  | { readonly status: 'sent'; readonly segment: string; readonly inbox: string }
  | { readonly status: 'failed'; readonly reason: string };

const GONE = { status: 'failed', reason: 'it is not there any more' } as const;
const REPLAY_ENDING = '.replay';
const METRICS_TABLE = 'otel_metrics_';

/**
 * Sends a dead letter back as a segment of its own, which the collector takes from the inbox, running or at its next start. Once, however
 * often this is interrupted or run at the same time: the segment's name is chosen first and kept beside the letter, and ClickHouse knows
 * an insert by that name. Of a request of metrics only what its table did not take is sent.
 */
export async function replayLetter(directory: string, found: FoundLetter, now: number): Promise<ReplayOutcome> {
  const { letter, path, id } = found;
  if (!letter) return { status: 'failed', reason: 'the file with its reason is missing' };
  if (letter.reason === 'damaged') {
    return { status: 'failed', reason: 'its bytes were damaged on the disk and are no request any more' };
  }
  const { signal, table } = letter;
  const whole = await readFile(path).catch(ifMissing);
  if (!whole) return GONE;
  const scan = scanRequest(signal, whole);
  if (scan.status !== 'ok') return { status: 'failed', reason: `it is not valid OTLP: ${scan.message}` };
  const kind = table?.startsWith(METRICS_TABLE) ? table.slice(METRICS_TABLE.length) : undefined;
  // An earlier version may have set aside what this one stores in another form. What it would refuse is for ClickHouse to judge.
  const mended =
    scan.rewrite && !scan.refusals ? rewriteRequest(signal, whole, scan.rewrite, letter.at.getTime()) : whole;
  const body = kind === undefined ? mended : keepMetricKind(mended, kind);
  const items = [...readRecords(signal, body)].length;
  const segment = await chooseName(found, now);
  // Another run has been faster: it removes the body first and the name last, so a name chosen after it finds no body.
  if (!(await readFile(path).catch(ifMissing))) {
    await removeLetter(dirname(path), id);
    return GONE;
  }
  const inbox = await makeInbox(directory);
  await writeWhole(
    join(inbox, segment + SEALED_ENDING),
    Buffer.concat([encodeFrame(body, { items, self: false }), body]),
  );
  await removeLetter(dirname(path), id);
  return { status: 'sent', segment, inbox: join(inbox, segment + SEALED_ENDING) };
}

/** Removes a dead letter for good. */
export async function removeLetter(folder: string, id: string): Promise<void> {
  for (const ending of [BODY_ENDING, REASON_ENDING, REPLAY_ENDING])
    await rm(join(folder, id + ending), { force: true });
  await syncDirectory(folder);
}

/** The name of the segment that a letter becomes: chosen once, by whoever comes first. */
async function chooseName({ letter, path, id }: FoundLetter, now: number): Promise<string> {
  const folder = dirname(path);
  const kept = join(folder, id + REPLAY_ENDING);
  const { name } = createSegmentNames(0)(letter?.signal ?? 'traces', now);
  const mine = `${kept}.${randomUUID()}`;
  try {
    await writeDurably(mine, Buffer.from(name), 'wx');
    await link(mine, kept).catch(ifThere);
  } finally {
    await rm(mine, { force: true });
  }
  await syncDirectory(folder);
  const chosen = await readFile(kept, 'utf8');
  if (!parseSegmentName(chosen)) throw new Error(`${kept} does not hold the name of a segment`);
  return chosen;
}

async function writeWhole(path: string, bytes: Buffer): Promise<void> {
  const unfinished = `${path}.${randomUUID()}`;
  try {
    await writeDurably(unfinished, bytes, 'wx');
    await rename(unfinished, path);
  } catch (error) {
    await rm(unfinished, { force: true });
    throw error;
  }
  await syncDirectory(dirname(path));
}

/** An earlier run, or another one beside this, has chosen already. */
function ifThere(error: unknown): void {
  if ((error as NodeJS.ErrnoException).code !== 'EEXIST') throw error;
}

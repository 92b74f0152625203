import { readFile } from 'node:fs/promises';
import { walkSegmentFile } from '../journal/segment-walk.ts';
import { type OtlpRecord, readRecords } from '../otlp/records.ts';
import { scanRequest } from '../otlp/scan.ts';
import type { Signal } from '../signal.ts';
import type { FoundLetter, FoundSegment } from './inventory.ts';

/** What is in requests, for people. */
export interface Contents {
  readonly records: number;
  /** Records by service, most first. */
  readonly services: readonly { readonly service: string; readonly records: number }[];
  /** Times of the earliest and the latest record, in nanoseconds since the epoch. */
  readonly earliestNs: bigint | undefined;
  readonly latestNs: bigint | undefined;
  /** The first record in words. */
  readonly first: string | undefined;
  /** What could not be read, in words. */
  readonly problem: string | undefined;
}

/** Reads what is in a dead letter. */
export async function readLetter({ path, letter }: FoundLetter): Promise<Contents> {
  const gathered = new Gathering();
  if (letter) gathered.add(letter.signal, await readFile(path));
  else gathered.problem = 'the file with the reason is missing, so it is not known what kind of telemetry this is';
  return gathered.finish();
}

/** Reads what is in a segment, request by request. */
export async function readSegmentContents({ path, signal, bytes }: FoundSegment): Promise<Contents> {
  const gathered = new Gathering();
  const { soundBytes } = await walkSegmentFile({ path, sizeBytes: bytes }, (_request, body) =>
    gathered.add(signal, body),
  );
  if (soundBytes < bytes) gathered.problem ??= `the last ${bytes - soundBytes} bytes are no whole request`;
  return gathered.finish();
}

class Gathering {
  problem: string | undefined;
  readonly #services = new Map<string, number>();
  #records = 0;
  #earliestNs: bigint | undefined;
  #latestNs: bigint | undefined;
  #first: string | undefined;

  add(signal: Signal, body: Buffer): void {
    const scan = scanRequest(signal, body);
    if (scan.status !== 'ok') {
      this.problem = `not valid OTLP: ${scan.message}`;
      return;
    }
    for (const record of readRecords(signal, body)) {
      const { service, timeNs } = record;
      this.#records += 1;
      this.#services.set(service, (this.#services.get(service) ?? 0) + 1);
      if (this.#earliestNs === undefined || timeNs < this.#earliestNs) this.#earliestNs = timeNs;
      if (this.#latestNs === undefined || timeNs > this.#latestNs) this.#latestNs = timeNs;
      this.#first ??= describeRecord(signal, record);
    }
  }

  finish(): Contents {
    const services = [...this.#services].map(([service, records]) => ({ service, records }));
    return {
      records: this.#records,
      services: services.toSorted((left, right) => right.records - left.records),
      earliestNs: this.#earliestNs,
      latestNs: this.#latestNs,
      first: this.#first,
      problem: this.problem,
    };
  }
}

const MOST_TEXT = 200;

function describeRecord(signal: Signal, { service, timeNs, name, kind }: OtlpRecord): string {
  const what = { traces: 'span', logs: 'log record', metrics: 'data point of' }[signal];
  const text = name.length > MOST_TEXT ? `${name.slice(0, MOST_TEXT)}…` : name;
  const of = service === '' ? 'a service without a name' : service;
  return `${what} ${kind === '' ? '' : `${kind} `}${JSON.stringify(text)} of ${of} at ${formatTime(timeNs)}`;
}

/** A time in nanoseconds since the epoch as ISO 8601, or as the number it is where no calendar has it. */
export function formatTime(timeNs: bigint): string {
  const date = new Date(Number(timeNs / 1_000_000n));
  return Number.isNaN(date.getTime()) ? `${timeNs} ns` : date.toISOString();
}

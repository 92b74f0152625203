import type { AppendResult, Journal, RequestSummary, Signal } from '../../src/signal.ts';

/** What a request was when it arrived at the journal. */
export interface Entry {
  readonly signal: Signal;
  readonly body: Buffer;
  readonly summary: RequestSummary;
}

/** A journal in memory: keeps what it is given, or answers what a test wants it to. */
export class MemoryJournal implements Journal {
  readonly entries: Entry[] = [];
  /** What the next appends do; by default they are stored. */
  respond: () => Promise<AppendResult> = () => Promise.resolve({ status: 'stored' });

  async append(signal: Signal, body: Uint8Array, summary: RequestSummary): Promise<AppendResult> {
    const result = await this.respond();
    if (result.status === 'stored') this.entries.push({ signal, body: Buffer.from(body), summary });
    return result;
  }
}

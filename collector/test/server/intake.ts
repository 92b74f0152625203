import { silentLogger } from '@tocsin/service/log';
import { onTestFinished } from 'vitest';
import type { Signal } from '../../src/signal.ts';
import { ByteBudget } from '../../src/server/byte-budget.ts';
import { createGrpcIntake } from '../../src/server/grpc/server.ts';
import { createHttpIntake } from '../../src/server/http/server.ts';
import { createReceiver } from '../../src/server/receiver.ts';
import type { IntakeTelemetry, Transport } from '../../src/server/telemetry.ts';
import { MemoryJournal } from './memory-journal.ts';

/** Keeps the counts instead of exporting them. */
export class CountingTelemetry implements IntakeTelemetry {
  readonly counts: string[] = [];

  accepted(signal: Signal, transport: Transport, items: number): void {
    this.counts.push(`${transport} ${signal} accepted ${items}`);
  }

  refused(signal: Signal, transport: Transport, reason: string): void {
    this.counts.push(`${transport} ${signal} refused ${reason}`);
  }

  itemsRefused(signal: Signal, transport: Transport, reason: string, items: number): void {
    this.counts.push(`${transport} ${signal} refused ${reason} of ${items}`);
  }

  itemsMended(signal: Signal, transport: Transport, reason: string, items: number): void {
    this.counts.push(`${transport} ${signal} mended ${reason} of ${items}`);
  }
}

/** Both servers over a journal in memory. */
export interface Intake {
  readonly journal: MemoryJournal;
  readonly budget: ByteBudget;
  readonly counts: readonly string[];
  readonly http: string;
  readonly grpc: string;
}

const ADDRESS = { host: '127.0.0.1', port: 0 };

/** Test payloads have times of their own. */
const ANY_TIME = { pastMs: 1e15, futureMs: 1e15 };

/** Starts both servers; they stop with the test. */
export async function startIntake({
  maxRequestBytes = 1_000_000,
  budgetBytes = 8_000_000,
  accept = ANY_TIME,
} = {}): Promise<Intake> {
  const journal = new MemoryJournal();
  const telemetry = new CountingTelemetry();
  const log = silentLogger();
  const budget = new ByteBudget(budgetBytes);
  const receiver = createReceiver({ journal, telemetry, log, maxRequestBytes, accept, now: Date.now });
  const options = { address: ADDRESS, receiver, budget, log, maxRequestBytes, stopLimitMs: 200 };
  const http = createHttpIntake({ ...options, readiness: () => ({ ready: true, reasons: ['a note'] }) });
  const grpc = createGrpcIntake(options);
  onTestFinished(async () => {
    await http.stop();
    await grpc.stop();
  });
  return { journal, budget, counts: telemetry.counts, grpc: await grpc.listen(), http: await http.listen() };
}

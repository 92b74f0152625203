import { silentLogger } from '@tocsin/service/log';
import { onTestFinished } from 'vitest';
import { createPreparer, type PreparerLimits } from '../../src/otlp/preparer.ts';
import type { KeyConfig } from '../../src/server/access/client-key.ts';
import { createGate } from '../../src/server/access/gate.ts';
import { ByteBudget } from '../../src/server/byte-budget.ts';
import type { WatchedCertificate } from '../../src/server/certificate.ts';
import { createGrpcIntake } from '../../src/server/grpc/server.ts';
import { createHttpIntake } from '../../src/server/http/server.ts';
import { createReceiver } from '../../src/server/receiver.ts';
import { RequestSlots } from '../../src/server/request-slots.ts';
import type { IntakeSource, IntakeTelemetry } from '../../src/server/telemetry.ts';
import { MemoryJournal } from './memory-journal.ts';

/** Keeps the counts instead of exporting them. */
export class CountingTelemetry implements IntakeTelemetry {
  readonly counts: string[] = [];

  accepted(source: IntakeSource, items: number): void {
    this.counts.push(`${describe(source)} accepted ${items}`);
  }

  refused(source: IntakeSource, reason: string): void {
    this.counts.push(`${describe(source)} refused ${reason}`);
  }

  repeated(source: IntakeSource, reason: string, items: number): void {
    this.counts.push(`${describe(source)} repeated ${reason} of ${items}`);
  }

  itemsRefused(source: IntakeSource, reason: string, items: number): void {
    this.counts.push(`${describe(source)} refused ${reason} of ${items}`);
  }

  itemsMended(source: IntakeSource, reason: string, items: number): void {
    this.counts.push(`${describe(source)} mended ${reason} of ${items}`);
  }
}

function describe({ transport, signal, key }: IntakeSource): string {
  return key === undefined ? `${transport} ${signal}` : `${transport} ${signal} ${key}`;
}

/** Both servers over a journal in memory. */
export interface Intake {
  readonly journal: MemoryJournal;
  readonly budget: ByteBudget;
  readonly slots: RequestSlots;
  readonly counts: readonly string[];
  readonly http: string;
  readonly grpc: string;
  /** Stops the HTTP server; it need not be called. */
  stopHttp(): Promise<void>;
}

const ADDRESS = { host: '127.0.0.1', port: 0 };

/** Test payloads have times of their own. */
const ANY_TIME = { pastMs: 1e15, futureMs: 1e15 };

/** What a test may want otherwise. */
export interface IntakeSettings {
  readonly maxRequestBytes?: number;
  readonly budgetBytes?: number;
  readonly accept?: { readonly pastMs: number; readonly futureMs: number };
  readonly maxConcurrentRequests?: number;
  readonly requestTimeoutMs?: number;
  readonly authRequired?: boolean;
  readonly keys?: readonly KeyConfig[];
  readonly internalKey?: string;
  readonly corsOrigins?: readonly string[];
  readonly certificate?: WatchedCertificate;
  readonly preparerLimits?: PreparerLimits;
  readonly now?: () => number;
}

/** Starts both servers; they stop with the test. */
export async function startIntake(settings: IntakeSettings = {}): Promise<Intake> {
  const { maxRequestBytes = 1_000_000, budgetBytes = 8_000_000, accept = ANY_TIME, now = Date.now } = settings;
  const journal = new MemoryJournal();
  const telemetry = new CountingTelemetry();
  const log = silentLogger();
  const budget = new ByteBudget(budgetBytes);
  const slots = new RequestSlots(settings.maxConcurrentRequests ?? 1_000);
  const preparer = createPreparer(log, settings.preparerLimits);
  const receiver = createReceiver({ journal, preparer, telemetry, log, maxRequestBytes, accept, now });
  const options = {
    address: ADDRESS,
    receiver,
    budget,
    slots,
    gate: createGate({ keys: settings.keys ?? [], internalKey: settings.internalKey, now }),
    authRequired: settings.authRequired ?? false,
    requestTimeoutMs: settings.requestTimeoutMs ?? 60_000,
    certificate: settings.certificate,
    now,
    log,
    maxRequestBytes,
    stopLimitMs: 200,
  };
  const corsOrigins = settings.corsOrigins ?? [];
  const http = createHttpIntake({ ...options, corsOrigins, readiness: () => ({ ready: true, reasons: ['a note'] }) });
  const grpc = createGrpcIntake(options);
  onTestFinished(async () => {
    await http.stop();
    await grpc.stop();
    await preparer.stop();
  });
  const grpcUrl = await grpc.listen();
  const urls = { grpc: grpcUrl, http: await http.listen() };
  return { journal, budget, slots, counts: telemetry.counts, ...urls, stopHttp: () => http.stop() };
}

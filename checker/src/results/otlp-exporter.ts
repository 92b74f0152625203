import { ProtobufMetricsSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { Resource } from '@opentelemetry/resources';
import { Agent } from 'undici';
import type { Logger } from '@tocsin/service/log';
import type { Clock } from '../clock.ts';
import type { ProbeRun } from '../probe-run.ts';
import { encodeMetrics } from './encode-metrics.ts';
import { encodeTraces } from './encode-traces.ts';
import { type DropReason, OtlpLane } from './otlp-lane.ts';
import { type PostFailure, type PostOptions, type PostOutcome, postOtlp } from './otlp-post.ts';
import type { MonitorList, ResultSink } from './sink.ts';

/** The three streams that go to the collector, each in its own order. */
export type Stream = 'traces' | 'metrics' | 'monitors';

export interface OtlpExporterOptions {
  /** The collector's OTLP/HTTP endpoint without a path, as `http://127.0.0.1:4318`. */
  readonly endpoint: string;
  readonly resource: Resource;
  readonly clock: Clock;
  readonly log: Logger;
  /** At most this many results wait while the collector is away. */
  readonly bufferLimit?: number;
  readonly onDropped?: (stream: Stream, count: number, reason: DropReason) => void;
  readonly onFailure?: (stream: Stream, reason: PostFailure) => void;
}

/** A sink that says how it fares. */
export interface OtlpExporter extends ResultSink {
  /** Since when (time of day, milliseconds) the collector takes nothing; `undefined` while it does. */
  failingSinceMs(): number | undefined;
  /** How many items of a stream wait or are under way. */
  waiting(stream: Stream): number;
}

/** About ten minutes of a thousand monitors a minute; some 30 MB. */
const BUFFER_LIMIT = 10_000;
const MAX_BATCH = 512;
const LINGER_MS = 250;
const POST_TIMEOUT_MS = 10_000;
const STOP_LIMIT_MS = 2_500;

/** Sends results to the collector over OTLP/HTTP in protobuf, in the background. */
export function createOtlpExporter(options: OtlpExporterOptions): OtlpExporter {
  return new Exporter(options);
}

class Exporter implements OtlpExporter {
  readonly #options: OtlpExporterOptions;
  readonly #agent = new Agent({ connections: 3 });
  readonly #traces: OtlpLane<ProbeRun>;
  readonly #metrics: OtlpLane<ProbeRun>;
  readonly #monitors: OtlpLane<MonitorList>;
  /** Since when each stream that fails now does so. */
  readonly #failing = new Map<Stream, number>();

  constructor(options: OtlpExporterOptions) {
    this.#options = options;
    const { resource, bufferLimit: limit = BUFFER_LIMIT } = options;
    const sendMetrics = this.#poster('v1/metrics', readRejectedPoints);
    const sendTraces = this.#poster('v1/traces', readRejectedSpans);
    this.#traces = this.#lane('traces', limit, (runs, signal) => sendTraces(encodeTraces(runs, resource), signal));
    this.#metrics = this.#lane('metrics', limit, (runs, signal) =>
      sendMetrics(encodeMetrics({ runs, lists: [] }, resource), signal),
    );
    this.#monitors = this.#lane('monitors', 1, (lists, signal) =>
      sendMetrics(encodeMetrics({ runs: [], lists }, resource), signal),
    );
  }

  recordRun(run: ProbeRun): void {
    this.#traces.add(run);
    this.#metrics.add(run);
  }

  recordMonitors(list: MonitorList): void {
    this.#monitors.add(list);
  }

  failingSinceMs(): number | undefined {
    return this.#failing.size === 0 ? undefined : Math.min(...this.#failing.values());
  }

  waiting(stream: Stream): number {
    return { traces: this.#traces, metrics: this.#metrics, monitors: this.#monitors }[stream].size;
  }

  async stop(): Promise<void> {
    await Promise.all([this.#traces.stop(), this.#metrics.stop(), this.#monitors.stop()]);
    await this.#agent.destroy();
  }

  #lane<Item>(
    stream: Stream,
    limit: number,
    send: (batch: readonly Item[], signal: AbortSignal) => Promise<PostOutcome>,
  ): OtlpLane<Item> {
    const { clock, log, onDropped, onFailure } = this.#options;
    return new OtlpLane<Item>({
      clock,
      send,
      limit,
      maxBatch: MAX_BATCH,
      lingerMs: LINGER_MS,
      stopLimitMs: STOP_LIMIT_MS,
      onDropped: (count, reason, message) => {
        onDropped?.(stream, count, reason);
        // One line a result would drown the rest when the collector is away for long; the counter has them all.
        if (reason !== 'overflow') log.warn({ stream, count, reason, detail: message }, 'results were dropped');
      },
      onFailure: (reason, message) => {
        onFailure?.(stream, reason);
        if (this.#failing.has(stream)) return;
        this.#failing.set(stream, clock.wallMs());
        log.warn({ stream, reason, detail: message }, 'the collector takes no results; they wait here');
      },
      onDelivered: () => {
        if (this.#failing.delete(stream)) log.info({ stream }, 'the collector takes results again');
      },
    });
  }

  #poster(path: string, readRejected: PostOptions['readRejected']) {
    const url = `${this.#options.endpoint.replace(/\/$/, '')}/${path}`;
    const shared = { url, dispatcher: this.#agent, timeoutMs: POST_TIMEOUT_MS, readRejected };
    const { wallMs } = this.#options.clock;
    return (body: Uint8Array, signal: AbortSignal): Promise<PostOutcome> =>
      postOtlp(body, { ...shared, signal, wallMs });
  }
}

function readRejectedSpans(body: Uint8Array): { readonly rejected: number; readonly message: string } {
  const { partialSuccess } = ProtobufTraceSerializer.deserializeResponse(body);
  return { rejected: Number(partialSuccess?.rejectedSpans ?? 0), message: partialSuccess?.errorMessage ?? '' };
}

function readRejectedPoints(body: Uint8Array): { readonly rejected: number; readonly message: string } {
  const { partialSuccess } = ProtobufMetricsSerializer.deserializeResponse(body);
  return { rejected: Number(partialSuccess?.rejectedDataPoints ?? 0), message: partialSuccess?.errorMessage ?? '' };
}

import { join } from 'node:path';
import { ProtobufMetricsSerializer, ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import { isLoopbackUrl } from '@tocsin/service/config';
import type { Logger } from '@tocsin/service/log';
import { Agent } from 'undici';
import type { AttributeMap } from '../attributes.ts';
import type { Clock } from '../clock.ts';
import type { ProbeRun } from '../probe-run.ts';
import type { StatePoint } from '../state/monitor-states.ts';
import { DiskQueue } from './disk-queue.ts';
import { encodeList, encodePoints, encodeStates } from './encode-points.ts';
import { encodeSpans } from './encode-spans.ts';
import { createEnvelope } from './envelope.ts';
import { ListSlot } from './list-slot.ts';
import { type BatchSource, type DropReason, type LaneOptions, OtlpLane } from './otlp-lane.ts';
import { type PostFailure, type PostOptions, postOtlp } from './otlp-post.ts';
import { ProtoWriter } from './proto-writer.ts';
import type { MonitorList, ResultSink } from './sink.ts';
import type { Telling } from './telling-order.ts';

/** The three streams that go to the collector, each in its own order. */
export type Stream = 'traces' | 'metrics' | 'monitors';

export interface OtlpExporterOptions {
  /** The collector's OTLP/HTTP endpoint without a path, as `http://127.0.0.1:4318`. */
  readonly endpoint: string;
  /** Sent with every request, as the key that the collector may want. */
  readonly headers?: Readonly<Record<string, string>>;
  readonly resource: AttributeMap;
  readonly clock: Clock;
  readonly log: Logger;
  /** Where results wait while the collector is away. */
  readonly folder: string;
  /** At most about this much waits; beyond it the oldest results go. */
  readonly maxBytes: number;
  readonly onDropped?: (stream: Stream, count: number, reason: DropReason) => void;
  readonly onFailure?: (stream: Stream, reason: PostFailure) => void;
}

/** A sink that says how it fares. */
export interface OtlpExporter extends ResultSink {
  /** Since when (time of day, milliseconds) the collector takes nothing; `undefined` while it does. */
  failingSinceMs(): number | undefined;
  /** How many items of a stream wait or are under way. */
  waiting(stream: Stream): number;
  /** How far this clock was ahead of the collector's at the last answer, in milliseconds; `undefined` before the first. */
  clockOffsetMs(): number | undefined;
  /** Bytes on disk. */
  bufferedBytes(): number;
}

/** Spans are about two thirds of what a run leaves. */
const TRACES_SHARE = 2 / 3;
const FULL_BATCH = 512;
const LINGER_MS = 250;
const POST_TIMEOUT_MS = 10_000;
const STOP_LIMIT_MS = 2_500;
/**
 * Points further ahead of the collector's clock than these seconds are refused: what they say would count when their time comes, though it is old by
 * then. Nothing is better; the rule CheckerSilent then says that this checker's clock, or its network, is wrong.
 */
const POINTS_ACCEPT_FUTURE_S = 60;

/**
 * Sends results to the collector over OTLP/HTTP in protobuf, in the background.
 * @throws the system's error where the folder cannot be used
 */
export async function createOtlpExporter(options: OtlpExporterOptions): Promise<OtlpExporter> {
  const { folder, maxBytes, clock, log, resource, onDropped } = options;
  const envelope = createEnvelope(resource);
  const openQueue = (stream: 'traces' | 'metrics', share: number): Promise<DiskQueue> =>
    DiskQueue.open({
      folder: join(folder, stream),
      maxBytes: maxBytes * share,
      envelope,
      clock,
      log,
      onDropped: (count, reason) => onDropped?.(stream, count, reason),
    });
  const traces = await openQueue('traces', TRACES_SHARE);
  const metrics = await openQueue('metrics', 1 - TRACES_SHARE);
  return new Exporter(options, { traces, metrics, monitors: new ListSlot(envelope) });
}

interface Sources {
  readonly traces: DiskQueue;
  readonly metrics: DiskQueue;
  readonly monitors: ListSlot;
}

class Exporter implements OtlpExporter {
  readonly #options: OtlpExporterOptions;
  readonly #agent: Agent;
  readonly #writer = new ProtoWriter();
  readonly #sources: Sources;
  readonly #lanes: readonly OtlpLane[];
  /** Since when each stream that fails now does so. */
  readonly #failing = new Map<Stream, number>();
  #clockOffsetMs: number | undefined;
  #stopping: Promise<void> | undefined;

  constructor(options: OtlpExporterOptions, sources: Sources) {
    this.#options = options;
    // On loopback the collector's certificate is not for this name, and there is nobody between.
    this.#agent = new Agent({ connections: 3, connect: { rejectUnauthorized: !isLoopbackUrl(options.endpoint) } });
    this.#sources = sources;
    this.#lanes = [
      this.#lane('traces', this.#poster('v1/traces', readRejectedSpans)),
      this.#lane('metrics', this.#poster('v1/metrics', readRejectedPoints)),
      this.#lane('monitors', this.#poster('v1/metrics', readRejectedPoints)),
    ];
  }

  recordRun(run: ProbeRun): void {
    this.#sources.traces.append(encodeSpans(this.#writer, run));
    this.#sources.metrics.append(encodePoints(this.#writer, run));
  }

  recordStates(states: readonly StatePoint[], telling: Telling): void {
    this.#sources.metrics.append(encodeStates(this.#writer, states, telling));
  }

  recordMonitors(list: MonitorList): void {
    this.#sources.monitors.put(encodeList(this.#writer, list));
  }

  failingSinceMs(): number | undefined {
    return this.#failing.size === 0 ? undefined : Math.min(...this.#failing.values());
  }

  waiting(stream: Stream): number {
    return this.#sources[stream].size;
  }

  clockOffsetMs(): number | undefined {
    return this.#clockOffsetMs;
  }

  bufferedBytes(): number {
    return this.#sources.traces.sizeBytes + this.#sources.metrics.sizeBytes;
  }

  stop(): Promise<void> {
    return (this.#stopping ??= this.#stop());
  }

  async #stop(): Promise<void> {
    const { traces, metrics } = this.#sources;
    await Promise.all([traces.flush(), metrics.flush()]);
    await Promise.all(this.#lanes.map((lane) => lane.stop()));
    await Promise.all([traces.stop(), metrics.stop()]);
    await this.#agent.destroy();
  }

  #lane(stream: Stream, send: LaneOptions['send']): OtlpLane {
    const { clock, log, onDropped, onFailure } = this.#options;
    const source: BatchSource & { onReady: () => void } = this.#sources[stream];
    const lane = new OtlpLane({
      clock,
      source,
      send,
      fullBatch: stream === 'monitors' ? 1 : FULL_BATCH,
      lingerMs: LINGER_MS,
      stopLimitMs: STOP_LIMIT_MS,
      onDropped: (count, reason, message) => {
        onDropped?.(stream, count, reason);
        log.warn({ stream, count, reason, detail: message }, 'results were dropped');
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
    source.onReady = () => lane.wake();
    // What an earlier process left.
    if (source.size > 0) lane.wake();
    return lane;
  }

  #poster(path: string, readRejected: PostOptions['readRejected']) {
    const url = `${this.#options.endpoint.replace(/\/$/, '')}/${path}`;
    const limit = path === 'v1/metrics' ? { 'x-tocsin-accept-future': String(POINTS_ACCEPT_FUTURE_S) } : {};
    const headers = { ...this.#options.headers, ...limit };
    const shared = { url, headers, dispatcher: this.#agent, timeoutMs: POST_TIMEOUT_MS, readRejected };
    const { wallMs } = this.#options.clock;
    const onClockOffset = (offsetMs: number): void => void (this.#clockOffsetMs = offsetMs);
    const send: LaneOptions['send'] = (body, idempotencyKey, signal) =>
      postOtlp(body, { ...shared, idempotencyKey, signal, wallMs, onClockOffset });
    return send;
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

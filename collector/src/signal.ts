/** The three kinds of telemetry OTLP carries here. */
export const SIGNALS = ['traces', 'metrics', 'logs'] as const;
export type Signal = (typeof SIGNALS)[number];

/**
 * What a request is known by when it is sent again (header `Idempotency-Key`, decision 0013): the batch of this number, of one
 * signal, of a producer that this sender runs.
 */
export interface RequestKey {
  /** Who may use the producer's id: 16 hex digits that stand for the API key's name. */
  readonly sender: string;
  /** A UUID in lower case. */
  readonly producer: string;
  /** From 1 on, rising. */
  readonly sequence: number;
}

/** What a scanned request holds. */
export interface RequestSummary {
  /** Spans, data points or log records. */
  readonly items: number;
  /** It came from one of Tocsin's own services: loading it makes no span (no feedback). */
  readonly self: boolean;
  /** Of a request of metrics the fields that its metrics have (`findMetricFields`): the tables it is for. */
  readonly metricFields?: number;
  /** Of a request that may be sent again and is to be stored once. */
  readonly key?: RequestKey | undefined;
}

/** The outcome of handing a request to the journal. */
export type AppendResult =
  | { readonly status: 'stored' }
  /** It had been stored before. `isExact`: this very one; otherwise so many later ones of its producer were that it must have been. */
  | { readonly status: 'repeated'; readonly isExact: boolean }
  | { readonly status: 'full'; readonly reason: 'journal_full' | 'disk_full'; readonly retryAfterMs: number };

/** The durable queue between the servers and ClickHouse, as the servers see it. */
export interface Journal {
  /**
   * Appends one request: valid OTLP protobuf of that signal. Resolves `stored` only once the bytes, and the key with them, are fsynced;
   * a request whose twin is on its way waits for it. Rejects when the disk refuses for any reason other than being full.
   */
  append(signal: Signal, body: Uint8Array, summary: RequestSummary): Promise<AppendResult>;
}

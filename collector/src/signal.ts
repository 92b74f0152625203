/** The three kinds of telemetry OTLP carries here. */
export const SIGNALS = ['traces', 'metrics', 'logs'] as const;
export type Signal = (typeof SIGNALS)[number];

/** What a scanned request holds. */
export interface RequestSummary {
  /** Spans, data points or log records. */
  readonly items: number;
  /** It came from one of Tocsin's own services: loading it makes no span (no feedback). */
  readonly self: boolean;
}

/** The outcome of handing a request to the journal. */
export type AppendResult =
  | { readonly status: 'stored' }
  | { readonly status: 'full'; readonly reason: 'journal_full' | 'disk_full'; readonly retryAfterMs: number };

/** The durable queue between the servers and ClickHouse, as the servers see it. */
export interface Journal {
  /**
   * Appends one request: valid OTLP protobuf of that signal. Resolves `stored` only once the bytes are fsynced. Rejects when
   * the disk refuses for any reason other than being full.
   */
  append(signal: Signal, body: Uint8Array, summary: RequestSummary): Promise<AppendResult>;
}

import type { Part } from '../part-types.ts';

/** A trace that was found, by the longest of its spans that match. Unix ms, ms. */
export interface TraceHit {
  readonly traceId: string;
  readonly atMs: number;
  readonly durationMs: number;
  readonly service: string;
  readonly name: string;
  readonly isError: boolean;
  /** Spans that match; others may, further on. */
  readonly matched: number;
  /** The trace as a whole, where it could be asked. */
  readonly whole: TraceWhole | undefined;
}

/** A trace in a line; service and name are its root's. */
export interface TraceWhole {
  readonly service: string;
  readonly name: string;
  readonly startMs: number;
  readonly durationMs: number;
  readonly spans: number;
  readonly errors: number;
  readonly services: number;
}

/** Spans of a step that took about as long: from 2^(half/2) ns up to 2^((half+1)/2); -1 is zero. */
export type HeatCell = readonly [atMs: number, half: number, spans: number, errors: number];

/** What a search found. */
export interface TraceSearch {
  readonly traces: readonly TraceHit[];
  /** All spans of the service and operation, by time and duration, whatever else is searched for. */
  readonly heat: { readonly stepMs: number; readonly cells: readonly HeatCell[] };
  /** Where the search ended: older, or shorter spans were not looked at. Absent where all were. */
  readonly rest?: { readonly untilMs: number } | { readonly belowMs: number };
  /** Why the traces are shown without their whole. */
  readonly wholes: Part<number>;
}

interface SearchInput {
  /** Unix ms. */
  readonly from: number;
  readonly to: number;
  readonly service?: string | undefined;
  readonly operation?: string | undefined;
  readonly status?: 'error' | 'ok' | undefined;
  /** Durations in ms, from included, to not. */
  readonly min?: number | undefined;
  readonly max?: number | undefined;
  /** Only spans without a parent. */
  readonly root?: boolean | undefined;
  /** As `http.route=/cart`, `resource.host.name=a`, with `=`, `!=`, `~` (contains), `>`, `<`, or a key alone. */
  readonly where: readonly string[];
  readonly sort?: 'newest' | 'slowest' | undefined;
  /** Only spans that began before, Unix ms: the rest of an earlier search. */
  readonly before?: number | undefined;
}

export interface TracesContract {
  'GET /api/v1/traces': { readonly input: SearchInput; readonly answer: TraceSearch };
  /** What can be searched for, from what was seen: services, and operations of one. */
  'GET /api/v1/traces/known/services': {
    readonly input: { readonly from: number; readonly to: number };
    readonly answer: readonly string[];
  };
  'GET /api/v1/traces/known/operations': {
    readonly input: { readonly from: number; readonly to: number; readonly service?: string | undefined };
    readonly answer: readonly string[];
  };
  /** Keys of attributes as `where` takes them. */
  'GET /api/v1/traces/known/keys': { readonly input: { readonly from: number }; readonly answer: readonly string[] };
  'GET /api/v1/traces/known/values': {
    readonly input: { readonly from: number; readonly key: string };
    readonly answer: readonly string[];
  };
}

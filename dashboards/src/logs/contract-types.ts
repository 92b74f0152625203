import type { LogHistogramRow } from '../queries/log-histogram.ts';
import type { LogRecordRow } from '../queries/log-records.ts';
import type { LogServicesRow } from '../queries/log-services.ts';

/** The most severe first; `none` says nothing of it. */
export type Severity = 'fatal' | 'error' | 'warn' | 'info' | 'debug' | 'trace' | 'none';

/** Which log records are meant. */
export interface LogSearch {
  /** Unix ms. */
  readonly from: number;
  readonly to: number;
  /** Words that are all in the body, in any case; `"two words"` together, `-word` not there. */
  readonly q?: string | undefined;
  readonly service: readonly string[];
  readonly severity: readonly Severity[];
  /** As `key=value`, `key!=value`, `key~part`: of the record or its resource. */
  readonly where: readonly string[];
  /** 32 hexadecimal digits. */
  readonly trace?: string | undefined;
}

/** Log records, newest first. */
export interface LogPage {
  readonly records: readonly LogRecordRow[];
  /** Where the older ones begin; absent where there are none. */
  readonly next?: string | undefined;
}

/** Records by step and severity. */
export interface LogHistogram {
  readonly fromMs: number;
  readonly toMs: number;
  readonly stepMs: number;
  readonly rows: readonly LogHistogramRow[];
}

export interface LogContract {
  'GET /api/v1/logs': {
    readonly input: LogSearch & { readonly before?: string | undefined; readonly limit?: number | undefined };
    readonly answer: LogPage;
  };
  'GET /api/v1/logs/histogram': { readonly input: LogSearch; readonly answer: LogHistogram };
  'GET /api/v1/logs/services': {
    readonly input: { readonly from: number; readonly to: number };
    readonly answer: readonly LogServicesRow[];
  };
}

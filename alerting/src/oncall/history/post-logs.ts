import { isLoopbackUrl } from '@tocsin/service/config';
import { internalHeaders } from '@tocsin/service/internal-key';
import type { HistoryBatch } from './history-store.ts';
import { encodeHistory } from './otlp-logs.ts';

/** What became of a request to the collector. */
export type PostOutcome =
  /** Taken in, but for `rejected` records (OTLP's partial success). */
  | { readonly status: 'ok'; readonly rejected: number; readonly message: string }
  | { readonly status: 'retryable'; readonly reason: PostFailure; readonly message: string }
  | { readonly status: 'failed'; readonly reason: PostFailure; readonly message: string };
export type PostFailure = 'network' | 'timeout' | 'not_now' | 'refused';

/** Sends a batch once. */
export interface LogPoster {
  post(batch: HistoryBatch, signal: AbortSignal): Promise<PostOutcome>;
  close(): Promise<void>;
}

const TIMEOUT_MS = 10_000;
/** What the same bytes will not get in later either; a key may be put right, and all else passes. */
const FINAL = new Set([400, 413, 415]);
const SHOWN_CHARACTERS = 200;

/** Sends batches to a collector's OTLP/HTTP endpoint, each under its key (docs/decisions/0013). */
export async function createLogPoster(
  collector: string,
  options: { readonly internalKey: string | undefined; readonly version: string },
): Promise<LogPoster> {
  const { Agent, request } = await import('undici');
  // On loopback the collector's certificate is not for this name, and there is nobody between.
  const agent = new Agent(isLoopbackUrl(collector) ? { connect: { rejectUnauthorized: false } } : {});
  return {
    async post({ producer, sequence, events }, signal) {
      const limit = AbortSignal.timeout(TIMEOUT_MS);
      try {
        const response = await request(`${collector}/v1/logs`, {
          method: 'POST',
          headers: {
            ...internalHeaders(options.internalKey),
            'content-type': 'application/json',
            'idempotency-key': `"${producer}/${sequence}"`,
          },
          body: encodeHistory(events, options.version),
          dispatcher: agent,
          signal: AbortSignal.any([limit, signal]),
        });
        return judge(response.statusCode, await response.body.text());
      } catch (error) {
        if (!(error instanceof Error)) throw error;
        const message = 'code' in error ? String(error.code) : error.message;
        return { status: 'retryable', reason: limit.aborted ? 'timeout' : 'network', message };
      }
    },
    close: () => agent.destroy(),
  };
}

/** Source: OTLP specification 1.x, "OTLP/HTTP Response". */
function judge(statusCode: number, body: string): PostOutcome {
  const shown = `HTTP ${statusCode} ${body.slice(0, SHOWN_CHARACTERS).replaceAll(/[^\x20-\x7e]+/g, ' ')}`.trim();
  if (statusCode === 200) return { status: 'ok', ...readRejected(body) };
  if (FINAL.has(statusCode)) return { status: 'failed', reason: 'refused', message: shown };
  return { status: 'retryable', reason: 'not_now', message: shown };
}

function readRejected(body: string): { rejected: number; message: string } {
  try {
    const { partialSuccess } = JSON.parse(body || '{}') as {
      partialSuccess?: { rejectedLogRecords?: string | number; errorMessage?: string };
    };
    return {
      rejected: Number(partialSuccess?.rejectedLogRecords ?? 0),
      message: partialSuccess?.errorMessage ?? '',
    };
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return { rejected: 0, message: '' };
  }
}

import { metrics, SpanKind, SpanStatusCode, trace } from '@opentelemetry/api';
import type * as Undici from 'undici';
import type { Agent } from 'undici';
import { internalHeaders } from '@tocsin/service/internal-key';
import { available, type Part, unavailable } from '../part.ts';

/** An alert as the console shows it. Times in Unix ms. */
export interface FiringAlert {
  readonly fingerprint: string;
  readonly name: string;
  readonly labels: Readonly<Record<string, string>>;
  readonly annotations: Readonly<Record<string, string>>;
  readonly startsAtMs: number;
  /** `active`, or `suppressed` by a silence or an inhibition. */
  readonly state: string;
}

/** Asks alerting for what fires. */
export interface AlertsClient {
  firing(): Promise<Part<readonly FiringAlert[]>>;
  /** Closes its connections. Idempotent. */
  stop(): Promise<void>;
}

const TIMEOUT_MS = 3_000;
const MAX_ANSWER_BYTES = 8 * 2 ** 20;

const tracer = trace.getTracer('tocsin.dashboards');
const failures = metrics.getMeter('tocsin.dashboards').createCounter('tocsin.dashboards.alerts.failures', {
  description: "Times alerting's API gave no usable answer, by reason.",
  unit: '{failure}',
});

/**
 * Makes the client of alerting's `GET /api/v2/alerts` at `baseUrl` (Alertmanager's API, version 2).
 * @param internalKey the key of Tocsin's own processes, for an API that wants a token
 */
export function createAlertsClient(baseUrl: string, internalKey?: string): AlertsClient {
  const headers = internalHeaders(internalKey);
  let dispatcher: Agent | undefined;
  const url = new URL('/api/v2/alerts', baseUrl);
  return {
    firing: () =>
      tracer.startActiveSpan('GET /api/v2/alerts', { kind: SpanKind.CLIENT }, async (span) => {
        try {
          // With the first page that somebody opens: the library takes 10 MiB.
          const undici = await import('undici');
          dispatcher ??= openAgent(undici);
          const part = await fetchAlerts(undici, url, { dispatcher, headers });
          if (part.status === 'unavailable') {
            span.setStatus({ code: SpanStatusCode.ERROR, message: part.message });
            failures.add(1, { reason: part.reason });
          }
          return part;
        } finally {
          span.end();
        }
      }),
    stop: async () => dispatcher?.destroy(),
  };
}

function openAgent({ Agent }: typeof Undici): Agent {
  return new Agent({
    connections: 2,
    connect: { timeout: TIMEOUT_MS },
    headersTimeout: TIMEOUT_MS,
    bodyTimeout: TIMEOUT_MS,
    maxResponseSize: MAX_ANSWER_BYTES,
  });
}

async function fetchAlerts(
  undici: typeof Undici,
  url: URL,
  options: { readonly dispatcher: Agent; readonly headers: Readonly<Record<string, string>> },
): Promise<Part<readonly FiringAlert[]>> {
  let body: string;
  try {
    const response = await undici.request(url, { ...options, signal: AbortSignal.timeout(TIMEOUT_MS) });
    body = await response.body.text();
    if (response.statusCode !== 200) {
      return unavailable('http_status', `Alerting answered with status ${response.statusCode}.`);
    }
  } catch (error) {
    return describeFailure(error, undici.errors);
  }
  const alerts = parseAlerts(body);
  return alerts
    ? available(alerts)
    : unavailable('bad_answer', 'Alerting answered with something that is not a list of alerts.');
}

function describeFailure(error: unknown, errors: typeof Undici.errors): Part<never> {
  if (!(error instanceof Error)) throw new Error('asking alerting failed in a way that is not known', { cause: error });
  const timedOut =
    error.name === 'TimeoutError' ||
    error instanceof errors.HeadersTimeoutError ||
    error instanceof errors.BodyTimeoutError ||
    error instanceof errors.ConnectTimeoutError;
  if (timedOut) return unavailable('timeout', 'Alerting did not answer in time.');
  const code = 'code' in error ? String(error.code) : '';
  if (/^E[A-Z_]+$|^UND_ERR/.test(code)) return unavailable('unreachable', `Alerting cannot be reached (${code}).`);
  throw new Error('asking alerting failed in a way that is not known', { cause: error });
}

/** Reads the answer; `undefined` where it is not a list of alerts. Newest first. */
export function parseAlerts(body: string): FiringAlert[] | undefined {
  let value: unknown;
  try {
    value = JSON.parse(body);
  } catch (error) {
    if (error instanceof SyntaxError) return undefined;
    throw error;
  }
  if (!Array.isArray(value)) return undefined;
  const alerts = value.map(readAlert);
  if (!alerts.every((alert) => alert !== undefined)) return undefined;
  return alerts.sort((a, b) => b.startsAtMs - a.startsAtMs);
}

function readAlert(value: unknown): FiringAlert | undefined {
  if (!isRecord(value)) return undefined;
  const { fingerprint, labels, annotations, startsAt, status } = value;
  if (!isTextRecord(labels) || !isTextRecord(annotations) || typeof startsAt !== 'string') return undefined;
  const startsAtMs = Date.parse(startsAt);
  if (Number.isNaN(startsAtMs)) return undefined;
  const state = isRecord(status) && typeof status['state'] === 'string' ? status['state'] : 'active';
  return {
    fingerprint: typeof fingerprint === 'string' ? fingerprint : '',
    name: labels['alertname'] ?? '(no name)',
    labels,
    annotations,
    startsAtMs,
    state,
  };
}

function isRecord(value: unknown): value is Record<string, unknown> {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

function isTextRecord(value: unknown): value is Record<string, string> {
  return isRecord(value) && Object.values(value).every((entry) => typeof entry === 'string');
}

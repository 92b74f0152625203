import type { Alert, LabelSet } from '../alert.ts';
import { fingerprintOf } from '../fingerprint.ts';

/** An alert as somebody pushes it. Times are Unix milliseconds; `undefined` where nothing was said. */
export interface PostedAlert {
  readonly labels: LabelSet;
  readonly annotations: LabelSet;
  readonly startsAtMs: number | undefined;
  readonly endsAtMs: number | undefined;
  readonly generatorUrl: string;
}

/** An alert that can be kept, or a sentence that says why not. */
export type ReadPush =
  { readonly status: 'ok'; readonly alert: Alert } | { readonly status: 'invalid'; readonly detail: string };

/** The most characters of all labels and annotations of one alert; ours, Alertmanager has no limit. */
export const MAX_ALERT_CHARS = 65_536;

/**
 * Reads one pushed alert. Without a start it begins now (or with its end, where that is told); without an end it ends `resolveTimeoutMs`
 * from now unless it is pushed again. Labels without a value are none. Source: Alertmanager's behaviour at `POST /api/v2/alerts`.
 */
export function readPush(posted: PostedAlert, nowMs: number, resolveTimeoutMs: number): ReadPush {
  const labels = Object.fromEntries(Object.entries(posted.labels).filter(([, value]) => value !== ''));
  const { annotations, generatorUrl, endsAtMs } = posted;
  const startsAtMs = posted.startsAtMs ?? endsAtMs ?? nowMs;
  const wrong = wrongSet('label', labels) ?? wrongSet('annotation', annotations) ?? wrongSize(labels, annotations);
  if (wrong !== undefined) return { status: 'invalid', detail: wrong };
  if (Object.keys(labels).length === 0)
    return { status: 'invalid', detail: 'expected at least one label with a value' };
  const endMs = endsAtMs ?? nowMs + resolveTimeoutMs;
  if (endMs < startsAtMs)
    return {
      status: 'invalid',
      detail: `expected a start before the end${endsAtMs === undefined ? ' (resolve_timeout from now)' : ''}`,
    };
  const alert = {
    fingerprint: fingerprintOf(labels),
    labels,
    annotations,
    startsAtMs,
    updatedAtMs: nowMs,
    generatorUrl,
  };
  return {
    status: 'ok',
    alert: { ...alert, endsAtMs: endMs, ...(endsAtMs === undefined ? { endsByTimeout: true } : {}) },
  };
}

/** Names are any UTF-8 but the empty one, as in Prometheus 3. */
function wrongSet(what: string, set: LabelSet): string | undefined {
  for (const [name, value] of Object.entries(set)) {
    if (name === '' || !name.isWellFormed()) return `expected a name for every ${what}, found ${JSON.stringify(name)}`;
    if (!value.isWellFormed()) return `expected UTF-8 as the value of the ${what} ${name}`;
  }
  return undefined;
}

function wrongSize(...sets: readonly LabelSet[]): string | undefined {
  const chars = sets
    .flatMap((set) => Object.entries(set))
    .reduce((sum, [name, value]) => sum + name.length + value.length, 0);
  return chars > MAX_ALERT_CHARS
    ? `expected at most ${MAX_ALERT_CHARS} characters of labels and annotations, found ${chars}`
    : undefined;
}

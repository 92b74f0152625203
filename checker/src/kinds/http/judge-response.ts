import { formatDuration, type MonitorOf } from '@tocsin/service/config';
import { down, up, type Verdict } from '../../verdict.ts';
import type { BodyText } from './body.ts';

/** What is known of a response when it is judged. */
export interface JudgedResponse {
  readonly statusCode: number;
  /** `undefined` where no expectation looks at the body. */
  readonly body: BodyText | undefined;
  /** The whole run's time, from the lookup to the last byte. */
  readonly totalMs: number;
}

/** This many characters of a body are shown when it is not the expected one. */
const SHOWN_CHARACTERS = 120;

/** Compares a response with a monitor's expectations: status, then body, then latency; the first that differs decides. */
export function judgeResponse(
  expect: MonitorOf<'http'>['expect'],
  { statusCode, body, totalMs }: JudgedResponse,
): Verdict {
  const { status, latencyMs, bodyContains } = expect;
  const statusFits = status.length === 0 ? statusCode >= 200 && statusCode <= 299 : status.includes(statusCode);
  if (!statusFits) {
    const wanted = status.length === 0 ? '2xx' : status.join(' or ');
    return down('status_mismatch', `expected status ${wanted}, found ${statusCode}`);
  }
  for (const text of bodyContains) {
    const found = body && findDifference(body, text);
    if (found !== undefined) {
      return down('body_mismatch', `expected the body to contain ${JSON.stringify(text)}, found ${found}`);
    }
  }
  if (latencyMs !== undefined && totalMs > latencyMs) {
    const [wanted, found] = [formatDuration(latencyMs), formatDuration(Math.ceil(totalMs))];
    return down('latency_exceeded', `expected a response within ${wanted}, found ${found}`);
  }
  return up(`status ${statusCode} in ${formatDuration(Math.ceil(totalMs))}`);
}

/** What the body is instead of containing `text`, or `undefined` where it does contain it. */
function findDifference(body: BodyText, text: string): string | undefined {
  if (body.status === 'unreadable') return `a body that is not valid ${body.encoding}`;
  if (body.text.includes(text)) return undefined;
  if (body.text === '') return 'an empty body';
  const start = body.text.slice(0, SHOWN_CHARACTERS).replace(/\s+/g, ' ').trim();
  const more = body.text.length > SHOWN_CHARACTERS ? '…' : '';
  return JSON.stringify(`${start}${more}`) + (body.truncated ? ' (only the first 1 MiB was read)' : '');
}

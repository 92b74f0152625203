import type { IncomingHttpHeaders } from 'node:http';
import { formatDuration, type HttpExpectation } from '@tocsin/service/config';
import type { JsonOutcome } from '../../expect/json-judge.ts';
import type { JsonQuestion } from '../../expect/judge-json.ts';
import { SEARCHED_CHARACTERS } from '../../expect/pattern.ts';
import { verdictOfJson } from '../../expect/tell-json.ts';
import { describeTest, isSeenInPart, meetsTest, showSize, showText } from '../../expect/value-test.ts';
import type { PeerCertificate } from '../../net/tls.ts';
import { type DownReason, unmet, up, type Verdict, worstOf } from '../../verdict.ts';
import { type BodyText, wholeOrCut } from './body.ts';

/** What is known of a response when it is judged. */
export interface JudgedResponse {
  readonly statusCode: number;
  readonly headers: IncomingHttpHeaders;
  /** Decompresses and decodes the body, once. */
  readonly readBody: () => Promise<BodyText>;
  readonly askJson: (text: string, question: JsonQuestion) => Promise<JsonOutcome>;
  readonly certificate: PeerCertificate | undefined;
  /** The time of a phase over all redirects; `total` is the whole request's, from the lookup to the last byte. */
  readonly timeMs: (phase: (HttpExpectation & { subject: 'latency' })['phase']) => number;
  readonly nowUnixMs: number;
  /** Blacks secrets out. */
  readonly hide: (text: string) => string;
}

type Latency = HttpExpectation & { readonly subject: 'latency' };

/** What a response came to; `late` is the limit that decided, where it was one of time. */
export interface Judgement {
  readonly verdict: Verdict;
  readonly late?: Latency;
}

const DAY_S = 86_400;

/**
 * Compares a response with expectations. What is down outweighs what is degraded; of equals the first decides, and its message goes
 * on with the others.
 */
export async function judgeResponse(expect: readonly HttpExpectation[], response: JudgedResponse): Promise<Judgement> {
  const failures: { readonly verdict: Verdict; readonly expectation: HttpExpectation }[] = [];
  for (const expectation of expect) {
    const verdict = await judgeOne(expectation, response);
    if (verdict) failures.push({ verdict, expectation });
  }
  const [first, ...others] = failures.map(({ verdict }) => verdict);
  if (!first) return { verdict: up(`status ${response.statusCode} in ${showMs(response.timeMs('total'))}`) };
  const worst = worstOf(first, ...others);
  const rest = failures.flatMap(({ verdict }) => (verdict === worst ? [] : [verdict.message])).slice(0, 2);
  const decider = failures.find(({ verdict }) => verdict === worst)?.expectation;
  return {
    verdict: { ...worst, message: [worst.message, ...rest].join('; ') },
    ...(decider?.subject === 'latency' ? { late: decider } : {}),
  };
}

/** @returns why the expectation is not met, or `undefined` */
async function judgeOne(expectation: HttpExpectation, response: JudgedResponse): Promise<Verdict | undefined> {
  const { severity } = expectation;
  const miss = (reason: DownReason, expected: string, found: string): Verdict =>
    unmet(severity, reason, `expected ${expected}, found ${found}`);
  switch (expectation.subject) {
    case 'status':
      return judgeStatus(expectation, response, miss);
    case 'header': {
      const { name, tests } = expectation;
      const value = response.headers[name];
      const found = Array.isArray(value) ? value.join(', ') : value;
      const failed = tests.find((test) => !meetsTest(test, found));
      return (
        failed &&
        miss(
          'header_mismatch',
          `the header ${name} ${describeTest(failed)}`,
          found === undefined ? 'none' : showText(found, response.hide),
        )
      );
    }
    case 'body':
      return judgeBody(expectation, await response.readBody(), { miss, hide: response.hide });
    case 'json':
      return judgeJson(expectation, response, miss);
    case 'tls_version': {
      const version = response.certificate?.protocol.replace(/^TLSv1$/, 'TLSv1.0').replace(/^TLSv/, '');
      if (version !== undefined && version >= expectation.min) return undefined;
      return miss(
        'tls_version_too_old',
        `TLS ${expectation.min} or newer`,
        version === undefined ? 'no TLS' : `TLS ${version}`,
      );
    }
    case 'certificate_days': {
      const notAfterS = response.certificate?.notAfterUnixS;
      const expected = `a certificate that is good for ${expectation.min} days`;
      if (notAfterS === undefined) return miss('certificate_expiring', expected, 'none');
      const days = (notAfterS - response.nowUnixMs / 1_000) / DAY_S;
      if (days >= expectation.min) return undefined;
      const end = new Date(notAfterS * 1_000).toISOString();
      return miss('certificate_expiring', expected, `one that ends in ${Math.floor(days)} days, on ${end}`);
    }
    default: {
      const foundMs = response.timeMs(expectation.phase);
      if (foundMs <= expectation.maxMs) return undefined;
      const what = expectation.phase === 'total' ? 'a response' : `the phase ${expectation.phase}`;
      return miss('latency_exceeded', `${what} within ${formatDuration(expectation.maxMs)}`, showMs(foundMs));
    }
  }
}

type Miss = (reason: DownReason, expected: string, found: string) => Verdict;

/** How a mismatch is told. */
interface Telling {
  readonly miss: Miss;
  readonly hide: (text: string) => string;
}

async function judgeStatus(
  { ranges }: HttpExpectation & { subject: 'status' },
  { statusCode, readBody, hide }: JudgedResponse,
  miss: Miss,
): Promise<Verdict | undefined> {
  if (ranges.some(({ from, to }) => statusCode >= from && statusCode <= to)) return undefined;
  const wanted = ranges.map(({ from, to }) => {
    if (from === to) return String(from);
    return from % 100 === 0 && to === from + 99 ? `${from / 100}xx` : `${from}-${to}`;
  });
  const body = await readBody();
  const shown = body.status === 'text' && body.text.trim() !== '' ? ` with ${showText(wholeOrCut(body), hide)}` : '';
  return miss('status_mismatch', `status ${wanted.join(' or ')}`, `${statusCode}${shown}`);
}

function judgeBody(
  { tests }: HttpExpectation & { subject: 'body' },
  body: BodyText,
  { miss, hide }: Telling,
): Verdict | undefined {
  let inPart: Verdict | undefined;
  for (const test of tests) {
    const expected = `the body ${describeTest(test)}`;
    if (body.status === 'unreadable')
      return miss('body_mismatch', expected, `a body that is not valid ${body.encoding}`);
    if (!meetsTest(test, body.text)) return miss('body_mismatch', expected, showBody(body, hide));
    if (isSeenInPart(test, body.text, body.truncated))
      inPart ??= miss('body_mismatch', expected, describePart(body, test.operator));
  }
  return inPart;
}

/** An absence that was not seen is not one: the rest of the body may have what must not be there. */
function describePart({ keptBytes, text }: BodyText & { status: 'text' }, operator: string): string {
  return operator === 'matches' && text.length > SEARCHED_CHARACTERS
    ? `it does not in the first ${showSize(SEARCHED_CHARACTERS)}, which is all that a pattern looks at`
    : `it does not in the first ${showSize(keptBytes)}, which is all that was read (max_body)`;
}

async function judgeJson(
  { path, tests }: HttpExpectation & { subject: 'json' },
  { readBody, askJson, hide }: JudgedResponse,
  miss: Miss,
): Promise<Verdict | undefined> {
  const body = await readBody();
  if (body.status === 'unreadable') {
    return miss('json_mismatch', 'a body that is JSON', `a body that is not valid ${body.encoding}`);
  }
  return verdictOfJson(await askJson(body.text, { path, tests }), {
    path,
    text: 'body',
    sizeBytes: body.keptBytes,
    showText: () => showBody(body, hide),
    miss: (expected, found) => miss('json_mismatch', expected, found),
    hide,
  });
}

/** The beginning of a body for a message. */
function showBody(body: BodyText & { status: 'text' }, hide: (text: string) => string): string {
  if (body.text === '') return 'an empty body';
  return (
    showText(wholeOrCut(body), hide) + (body.truncated ? ` (only the first ${showSize(body.keptBytes)} was read)` : '')
  );
}

function showMs(durationMs: number): string {
  return formatDuration(Math.ceil(durationMs));
}

import type { FlowStep } from '@tocsin/service/config';
import { jsonJudgeOf } from '../../expect/json-judge.ts';
import { extractByPattern } from '../../expect/pattern.ts';
import { verdictOfJson } from '../../expect/tell-json.ts';
import { showText } from '../../expect/value-test.ts';
import { readBodyText, wholeOrCut } from '../http/body.ts';
import type { Journey, Response } from '../http/journey.ts';
import type { ProbeContext } from '../kind.ts';
import { down, type Verdict } from '../../verdict.ts';

export type Extracted =
  | { readonly status: 'found'; readonly values: ReadonlyMap<string, string> }
  | { readonly status: 'missing'; readonly verdict: Verdict };

/** The run in which values are taken out. */
export interface Extraction {
  readonly journey: Journey;
  readonly context: ProbeContext;
}

/** Takes out of a response what later steps need; the first value that is not there ends it. */
export async function extractValues(
  { extract, request }: FlowStep,
  response: Response,
  extraction: Extraction,
): Promise<Extracted> {
  const { journey } = extraction;
  const values = new Map<string, string>();
  const entries = Object.entries(extract);
  if (entries.length === 0) return { status: 'found', values };
  const body = await readBodyText(response.answer, request);
  for (const [name, source] of entries) {
    const found = await findValue(source, body.status === 'text' ? body.text : '', response, extraction);
    if (typeof found === 'object') return { status: 'missing', verdict: found };
    if (found === undefined) {
      const shown =
        source.from === 'json' || source.from === 'body'
          ? showText(body.status === 'text' ? wholeOrCut(body) : '', journey.hide)
          : 'none';
      const message = `expected ${name} ${describeSource(source)}, found ${shown}`;
      return { status: 'missing', verdict: down('extract_failed', message) };
    }
    values.set(name, found);
    journey.keepSecret(found);
  }
  return { status: 'found', values };
}

type Source = FlowStep['extract'][string];

/** @returns the value, none, or why it cannot be known */
async function findValue(
  source: Source,
  text: string,
  { answer, url }: Response,
  { journey, context }: Extraction,
): Promise<string | Verdict | undefined> {
  switch (source.from) {
    case 'json': {
      const { path } = source;
      const options = { target: url.host, signal: journey.limit.signal };
      const outcome = await jsonJudgeOf(context.network).ask(text, { path }, options);
      if (outcome.status === 'first') return outcome.value;
      const { hide } = journey;
      const verdict = verdictOfJson(outcome, {
        path,
        text: 'body',
        sizeBytes: text.length,
        showText: () => showText(text, hide),
        miss: (expected, found) => down('extract_failed', `expected ${expected}, found ${found}`),
        hide,
      });
      return outcome.status === 'not_json' ? undefined : verdict;
    }
    case 'body':
      return extractByPattern(source.pattern, text);
    case 'header': {
      const value = answer.headers[source.name];
      return Array.isArray(value) ? value[0] : value;
    }
    default:
      return journey.findCookie(source.name, url);
  }
}

function describeSource(source: Source): string {
  switch (source.from) {
    case 'json':
      return `at ${source.path} of the body`;
    case 'body':
      return `by the pattern ${JSON.stringify(source.pattern)} in the body`;
    case 'header':
      return `in the header ${source.name}`;
    default:
      return `in the cookie ${source.name}`;
  }
}

import type { FlowStep } from '@tocsin/service/config';
import { parseJson, queryJson } from '../../expect/json-path.ts';
import { extractByPattern } from '../../expect/pattern.ts';
import { showText, textOf } from '../../expect/value-test.ts';
import { readBodyText, wholeOrCut } from '../http/body.ts';
import type { Journey, Response } from '../http/journey.ts';
import { down, type Verdict } from '../../verdict.ts';

export type Extracted =
  | { readonly status: 'found'; readonly values: ReadonlyMap<string, string> }
  | { readonly status: 'missing'; readonly verdict: Verdict };

/** Takes out of a response what later steps need; the first value that is not there ends it. */
export async function extractValues(
  { extract, request }: FlowStep,
  response: Response,
  journey: Journey,
): Promise<Extracted> {
  const values = new Map<string, string>();
  const entries = Object.entries(extract);
  if (entries.length === 0) return { status: 'found', values };
  const body = await readBodyText(response.answer, request);
  const text = body.status === 'text' ? body.text : '';
  for (const [name, source] of entries) {
    const value = findValue(source, text, response, journey);
    if (value === undefined) {
      const found =
        source.from === 'json' || source.from === 'body'
          ? showText(body.status === 'text' ? wholeOrCut(body) : '', journey.hide)
          : 'none';
      const message = `expected ${name} ${describeSource(source)}, found ${found}`;
      return { status: 'missing', verdict: down('extract_failed', message) };
    }
    values.set(name, value);
    journey.keepSecret(value);
  }
  return { status: 'found', values };
}

type Source = FlowStep['extract'][string];

function findValue(source: Source, text: string, { answer, url }: Response, journey: Journey): string | undefined {
  switch (source.from) {
    case 'json': {
      const parsed = parseJson(text);
      const [first] = parsed.status === 'json' ? queryJson(source.path, parsed.value) : [];
      return first === undefined || first === null ? undefined : textOf(first);
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

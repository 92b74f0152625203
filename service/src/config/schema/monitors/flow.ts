import { z } from 'zod';
import {
  ALWAYS,
  asMapping,
  isGiven,
  mappingsIn,
  type Mapping,
  type Refuse,
  refuseIn,
  textAt,
} from '../cross-checks.ts';
import { text } from '../scalars.ts';
import { checkEveryKind, everyKindOf, everyKindSettings } from './every-kind.ts';
import { jsonPath, pattern } from './expectations.ts';
import { checkConnection, connectionOf, connectionSettings } from './http-connection.ts';
import { httpExpectations } from './http-expectation.ts';
import { checkRequest, requestOf, requestSettings } from './http-request.ts';

const NAME = /^[A-Za-z_][A-Za-z0-9_]*$/;
/** `{{ name }}` in a URL, a header or a body. */
const REFERENCE = /\{\{\s*([A-Za-z_][A-Za-z0-9_]*)\s*\}\}/g;

const SOURCES = ['json', 'matches', 'header', 'cookie'] as const;

const extraction = z
  .strictObject({
    json: jsonPath.optional(),
    matches: pattern.optional(),
    header: text.optional(),
    cookie: text.optional(),
  })
  .superRefine((value, context) => {
    const given = SOURCES.filter((source) => value[source] !== undefined);
    if (given.length !== 1) refuseIn(context)([], `one of ${SOURCES.join(', ')}`);
  })
  .transform((value): Extraction => {
    const { json, matches, header, cookie } = value;
    if (json !== undefined) return { from: 'json', path: json };
    if (matches !== undefined) return { from: 'body', pattern: matches };
    return header === undefined
      ? { from: 'cookie', name: cookie ?? '' }
      : { from: 'header', name: header.toLowerCase() };
  });

/** Where a value for later steps comes from. */
export type Extraction =
  | { readonly from: 'json'; readonly path: string }
  /** The first group of the pattern, or all of what it finds. */
  | { readonly from: 'body'; readonly pattern: string }
  | { readonly from: 'header'; readonly name: string }
  | { readonly from: 'cookie'; readonly name: string };

const stepUrl = text.superRefine((value, context) => {
  const url = URL.parse(value.replace(REFERENCE, 'x'));
  if (url && /^https?:$/.test(url.protocol)) return;
  refuseIn(context)([], 'an http:// or https:// URL, with {{ name }} where a value belongs');
});

const step = z
  .strictObject({
    step: text,
    http: stepUrl,
    ...requestSettings,
    expect: httpExpectations,
    extract: z.record(z.string().regex(NAME, 'expected a name: letters, digits and _'), extraction).default({}),
  })
  .superRefine((value: unknown, context) => checkRequest(asMapping(value), refuseIn(context)), ALWAYS)
  .transform((value) => ({
    name: value.step,
    request: requestOf(value.http, value),
    expect: value.expect,
    extract: value.extract,
  }));

/** One step of a flow. Texts of its request may hold `{{ name }}`. */
export type FlowStep = Readonly<z.output<typeof step>>;

/** A monitor of several requests, each of which may use what the ones before it have given. */
export const flowMonitor = z
  .strictObject({
    kind: z.literal('flow'),
    ...everyKindSettings(30_000),
    flow: z.array(step).min(1).max(20),
    ...connectionSettings,
  })
  .superRefine(checkEveryKind, ALWAYS)
  .superRefine((value: unknown, context) => {
    const [given, refuse] = [asMapping(value), refuseIn(context)];
    checkConnection(given, refuse);
    checkSteps(given['flow'], refuse);
  }, ALWAYS)
  .transform((value) => ({
    ...everyKindOf(value),
    kind: value.kind,
    flow: value.flow as readonly FlowStep[],
    connection: connectionOf(value),
  }));

/** Names of steps are their own, and a value is there before it is used. */
function checkSteps(steps: unknown, refuse: Refuse): void {
  const names = new Set<string>();
  const values = new Set<string>();
  for (const [index, entry] of mappingsIn(steps)) {
    // Read already: a step that is whole has its settings inside `request`.
    const name = textAt(entry, 'name') ?? textAt(entry, 'step');
    if (name !== undefined && names.has(name)) refuse(['flow', index, 'step'], 'a name of its own');
    if (name !== undefined) names.add(name);
    for (const used of referencesIn(isGiven(entry, 'request') ? entry['request'] : entry)) {
      if (!values.has(used)) refuse(['flow', index], `{{ ${used} }} to be extracted by an earlier step`);
    }
    for (const extracted of Object.keys(asMapping(entry['extract']) satisfies Mapping)) values.add(extracted);
  }
}

/** The names of all values that the texts of a request ask for. */
function referencesIn(value: unknown): readonly string[] {
  if (typeof value === 'string') return [...value.matchAll(REFERENCE)].map(([, name = '']) => name);
  if (typeof value !== 'object' || value === null) return [];
  return [...new Set(Object.values(value).flatMap(referencesIn))];
}

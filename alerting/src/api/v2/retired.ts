import { defineEndpoint, type Endpoint, type Method, ok } from '../framework/endpoint.ts';

/** What Alertmanager's API v1 had; Alertmanager answers these with 410 since version 0.27. */
const RETIRED: readonly (readonly [Method, `/${string}`])[] = [
  ['GET', '/api/v1/status'],
  ['GET', '/api/v1/receivers'],
  ['GET', '/api/v1/alerts'],
  ['POST', '/api/v1/alerts'],
  ['GET', '/api/v1/silences'],
  ['POST', '/api/v1/silences'],
  ['GET', '/api/v1/silence/{silenceID}'],
  ['DELETE', '/api/v1/silence/{silenceID}'],
];

/** Alertmanager's API v1, which is gone. */
export function retiredEndpoints(): readonly Endpoint[] {
  return RETIRED.map(([method, path]) =>
    defineEndpoint({
      method,
      path,
      tag: 'retired',
      summary: "Alertmanager's API v1 is gone: use /api/v2.",
      role: 'anyone',
      params: (z) => z.object({}),
      query: (z) => z.object({}),
      answerStatus: 410,
      answer: (z) => z.object({ status: z.literal('deprecated'), error: z.string() }),
      handle: () => ok({ status: 'deprecated', error: "Alertmanager's API v1 is gone: use the same route of /api/v2" }),
    }),
  );
}

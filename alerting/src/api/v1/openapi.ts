import { defineEndpoint, type Endpoint, ok } from '../framework/endpoint.ts';
import { describeApi } from '../framework/openapi.ts';

/** `GET /api/v1/openapi.json`: all endpoints, described. */
export function openApiEndpoints(endpoints: () => readonly Endpoint[], version: string): readonly Endpoint[] {
  let document: Readonly<Record<string, unknown>> | undefined;
  return [
    defineEndpoint({
      method: 'GET',
      path: '/api/v1/openapi.json',
      tag: 'general',
      summary: 'This description, in OpenAPI 3.1.',
      role: 'viewer',
      answer: (z) => z.record(z.string(), z.unknown()),
      handle: () => ok((document ??= describeApi(endpoints(), version))),
    }),
  ];
}

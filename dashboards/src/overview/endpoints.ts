import type { ApiSources } from '../api/endpoints.ts';
import { endpoint, type Endpoint } from '../api/framework/endpoint.ts';
import { available } from '../part.ts';

/** What the first page begins with. */
export function overviewEndpoints({ overview, now }: ApiSources): readonly Endpoint[] {
  return [
    endpoint('GET /api/v1/overview', {
      role: 'viewer',
      input: {},
      answer: async () => available(await overview(now())),
    }),
  ];
}

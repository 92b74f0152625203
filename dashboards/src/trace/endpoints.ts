import type { ApiSources } from '../api/endpoints.ts';
import { endpoint, type Endpoint, refuse } from '../api/framework/endpoint.ts';
import { textLike } from '../api/framework/read-input.ts';
import { available } from '../part.ts';
import { loadTrace } from './load-trace.ts';

/** A trace by its id. */
export function traceEndpoints({ clickhouse }: ApiSources): readonly Endpoint[] {
  return [
    endpoint('GET /api/v1/traces/:id', {
      role: 'viewer',
      input: { id: textLike(/^[0-9a-f]{32}$/i, 'a trace id of 32 hexadecimal digits') },
      answer: async ({ id }) => {
        const part = await loadTrace(clickhouse, id.toLowerCase());
        if (part.status !== 'ok') return part;
        return part.value
          ? available(part.value)
          : refuse('not_found', 'No span of this trace is stored. It may be on its way, or older than what is kept.');
      },
    }),
  ];
}

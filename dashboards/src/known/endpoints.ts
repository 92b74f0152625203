import type { ApiSources } from '../api/endpoints.ts';
import { endpoint, type Endpoint } from '../api/framework/endpoint.ts';
import { momentMs, oneOf, optional, text } from '../api/framework/read-input.ts';
import { available } from '../part.ts';
import { runQuery } from '../queries/run-query.ts';
import { signalKeys } from '../queries/signal-keys.ts';
import { signalValues } from '../queries/signal-values.ts';

/** Keys and values that have been seen since a day: from the collector's samples, so rare ones may be missing. */
export function knownEndpoints({ clickhouse }: ApiSources): readonly Endpoint[] {
  const signal = oneOf('logs', 'metrics');
  return [
    endpoint('GET /api/v1/known/keys', {
      role: 'viewer',
      input: { signal, name: optional(text(500)), from: momentMs },
      answer: ({ name = '', from, ...rest }) => runQuery(clickhouse, signalKeys, { ...rest, name, from_ms: from }),
    }),
    endpoint('GET /api/v1/known/values', {
      role: 'viewer',
      input: { signal, name: optional(text(500)), key: text(200), part: optional(text(200)), from: momentMs },
      answer: async ({ name = '', part = '', from, ...rest }) => {
        const rows = await runQuery(clickhouse, signalValues, { ...rest, name, part, from_ms: from });
        return rows.status === 'ok' ? available(rows.value.map(({ value }) => value)) : rows;
      },
    }),
  ];
}

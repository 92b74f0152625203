import type { ApiSources } from '../api/endpoints.ts';
import { endpoint, type Endpoint } from '../api/framework/endpoint.ts';
import { shareAnswers } from '../api/framework/share-answers.ts';
import { available } from '../part.ts';
import { configReloads } from '../queries/config-reloads.ts';
import { runQuery } from '../queries/run-query.ts';

const FRESH_MS = 5_000;

/** Whether every process could read its configuration when it last changed. */
export function configurationEndpoints({ clickhouse, now }: ApiSources): readonly Endpoint[] {
  const load = shareAnswers(() => runQuery(clickhouse, configReloads, { now_ms: now() }), {
    keyOf: () => '',
    freshMs: FRESH_MS,
    now,
  });
  return [
    endpoint('GET /api/v1/configuration', {
      role: 'viewer',
      input: {},
      answer: async () => {
        const rows = await load({});
        if (rows.status !== 'ok') return rows;
        return available({
          processes: rows.value.map(({ service, successful, read_ms: readMs }) => ({
            service,
            isCurrent: successful === 1,
            readMs,
          })),
        });
      },
    }),
  ];
}

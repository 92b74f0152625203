import type { ApiSources } from '../api/endpoints.ts';
import { endpoint, type Endpoint, refuse } from '../api/framework/endpoint.ts';
import { text } from '../api/framework/read-input.ts';
import { available } from '../part.ts';
import { loadMonitorPage } from './load-monitor.ts';

/** A monitor by its name. */
export function monitorEndpoints({ clickhouse, overview, now }: ApiSources): readonly Endpoint[] {
  return [
    endpoint('GET /api/v1/monitors/:name', {
      role: 'viewer',
      input: { name: text(1_000) },
      answer: async ({ name }) => {
        const part = await loadMonitorPage(name, await overview(now()), clickhouse);
        if (part.status !== 'ok') return part;
        return part.value
          ? available(part.value)
          : refuse('not_found', `No monitor is configured with the name ${name}.`);
      },
    }),
  ];
}

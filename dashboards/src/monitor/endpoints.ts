import type { ApiSources } from '../api/endpoints.ts';
import { endpoint, type Endpoint, refuse } from '../api/framework/endpoint.ts';
import { flag, momentMs, text } from '../api/framework/read-input.ts';
import { refuseRange } from '../filters/time-steps.ts';
import { available } from '../part.ts';
import { loadIncidents } from './incidents.ts';
import { loadHistory, loadRuns } from './load-history.ts';
import { loadMonitorPage } from './load-monitor.ts';

/** A monitor by its name: as it is, over a time, its runs, its incidents. */
export function monitorEndpoints({ clickhouse, alerting, config, overview, now }: ApiSources): readonly Endpoint[] {
  const name = text(1_000);
  const configured = (wanted: string) => config().monitors.find((one) => one.name === wanted);
  const unknown = (wanted: string) => refuse('not_found', `No monitor is configured with the name ${wanted}.`);
  return [
    endpoint('GET /api/v1/monitors/:name', {
      role: 'viewer',
      input: { name },
      answer: async (input) => {
        const part = await loadMonitorPage(input.name, await overview(now()), clickhouse);
        if (part.status !== 'ok') return part;
        return part.value ? available(part.value) : unknown(input.name);
      },
    }),
    endpoint('GET /api/v1/monitors/:name/history', {
      role: 'viewer',
      input: { name, from: momentMs, to: momentMs },
      answer: async (input) => {
        const monitor = configured(input.name);
        if (!monitor) return unknown(input.name);
        const { schedule } = monitor;
        return (
          refuseRange(input) ??
          loadHistory(clickhouse, input.name, input, schedule.type === 'interval' ? schedule.intervalMs : undefined)
        );
      },
    }),
    endpoint('GET /api/v1/monitors/:name/runs', {
      role: 'viewer',
      input: { name, from: momentMs, to: momentMs, all: flag },
      answer: async (input) => refuseRange(input) ?? loadRuns(clickhouse, input.name, input, input.all),
    }),
    endpoint('GET /api/v1/monitors/:name/incidents', {
      role: 'viewer',
      input: { name },
      answer: (input) => loadIncidents(alerting, input.name),
    }),
  ];
}

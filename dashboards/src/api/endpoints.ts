import type { ClickHouseClient } from '@tocsin/service/clickhouse';
import type { TocsinConfig } from '@tocsin/service/config';
import type { AlertingClient } from '../alerts/alerting-client.ts';
import { configurationEndpoints } from '../configuration/endpoints.ts';
import { deploymentEndpoints } from '../deployments/endpoints.ts';
import type { SendMark } from '../deployments/send-mark.ts';
import type { Endpoint } from './framework/endpoint.ts';
import { alertEndpoints } from '../alerts/endpoints.ts';
import { homeEndpoints } from '../home/endpoints.ts';
import { incidentEndpoints } from '../incidents/endpoints.ts';
import { knownEndpoints } from '../known/endpoints.ts';
import { logEndpoints } from '../logs/endpoints.ts';
import { metricEndpoints } from '../metrics/endpoints.ts';
import { monitorEndpoints } from '../monitor/endpoints.ts';
import { onCallEndpoints } from '../oncall/endpoints.ts';
import { overviewEndpoints } from '../overview/endpoints.ts';
import type { Overview } from '../overview/overview-types.ts';
import { ruleEndpoints } from '../rules/endpoints.ts';
import { silenceEndpoints } from '../silences/endpoints.ts';
import { servicesEndpoints } from '../services/endpoints.ts';
import { traceEndpoints } from '../trace/endpoints.ts';
import { tracesEndpoints } from '../traces/endpoints.ts';

/** What endpoints are made from. */
export interface ApiSources {
  /** Reads only. */
  readonly clickhouse: ClickHouseClient;
  readonly alerting: AlertingClient;
  /** The configuration as it is now: a reload changes it. */
  readonly config: () => TocsinConfig;
  /** The first page's data, of which all readers have one. */
  readonly overview: (nowMs: number) => Promise<Overview>;
  /** Hands a deployment that was marked to the collector. */
  readonly sendMark: SendMark;
  /** Unix ms. */
  readonly now: () => number;
}

/** Every endpoint; one line for each topic. */
export function allEndpoints(sources: ApiSources): readonly Endpoint[] {
  return [
    ...homeEndpoints(sources),
    ...overviewEndpoints(sources),
    ...monitorEndpoints(sources),
    ...servicesEndpoints(sources),
    ...traceEndpoints(sources),
    ...alertEndpoints(sources),
    ...incidentEndpoints(sources),
    ...silenceEndpoints(sources),
    ...ruleEndpoints(sources),
    ...onCallEndpoints(sources),
    ...logEndpoints(sources),
    ...metricEndpoints(sources),
    ...knownEndpoints(sources),
    ...tracesEndpoints(sources),
    ...deploymentEndpoints(sources),
    ...configurationEndpoints(sources),
  ];
}

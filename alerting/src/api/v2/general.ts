import type { TocsinConfig } from '@tocsin/service/config';
import { compileMatchers } from '../../notify/matchers.ts';
import { defineEndpoint, type Endpoint, ok, refuse } from '../framework/endpoint.ts';
import { listParameter } from '../framework/parameters.ts';
import { readMatchers } from './filters.ts';
import { formatRouting } from '../status.ts';
import { receiverReference, shownTime } from './schemas.ts';

/** What the general endpoints show. */
export interface GeneralEndpointOptions {
  readonly config: () => TocsinConfig;
  readonly version: string;
  /** ISO 8601. */
  readonly startedAt: string;
}

/** Alertmanager's `/api/v2/status` and `/api/v2/receivers`. */
export function generalEndpoints(options: GeneralEndpointOptions): readonly Endpoint[] {
  return [showStatus(options), listReceivers(options)];
}

function showStatus({ config, version, startedAt }: GeneralEndpointOptions): Endpoint {
  return defineEndpoint({
    method: 'GET',
    path: '/api/v2/status',
    tag: 'general',
    summary: 'Version, start, and the routing in force as YAML without secrets.',
    role: 'viewer',
    answer: (z) =>
      z.object({
        cluster: z.object({ status: z.enum(['ready', 'settling', 'disabled']), peers: z.array(z.never()) }),
        config: z.object({ original: z.string() }),
        uptime: shownTime(z),
        versionInfo: z.object({
          branch: z.string(),
          buildDate: z.string(),
          buildUser: z.string(),
          goVersion: z.string(),
          revision: z.string(),
          version: z.string(),
        }),
      }),
    handle: () =>
      ok({
        cluster: { status: 'disabled', peers: [] },
        config: { original: formatRouting(config().alerting) },
        uptime: startedAt,
        versionInfo: {
          branch: '',
          buildDate: '',
          buildUser: '',
          goVersion: '',
          revision: '',
          version: `tocsin-${version}`,
        },
      }),
  });
}

function listReceivers({ config }: GeneralEndpointOptions): Endpoint {
  return defineEndpoint({
    method: 'GET',
    path: '/api/v2/receivers',
    tag: 'general',
    summary: 'The names of the receivers.',
    role: 'viewer',
    query: (z) =>
      z.object({ receiver_matchers: listParameter(z, 'Matchers over labels of receivers; receivers have none here.') }),
    answer: (z) => z.array(receiverReference(z)),
    refusals: { 400: 'A matcher cannot be read.' },
    handle({ query }) {
      const filter = readMatchers('receiver_matchers', query.receiver_matchers);
      if (filter.status === 'invalid') return refuse(400, filter.detail);
      return ok(compileMatchers(filter.value)({}) ? config().alerting.receivers.map(({ name }) => ({ name })) : []);
    },
  });
}

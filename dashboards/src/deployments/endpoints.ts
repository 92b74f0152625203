import type { ApiSources } from '../api/endpoints.ts';
import { endpoint, type Endpoint, refuse } from '../api/framework/endpoint.ts';
import { momentMs, optional, text, textLike } from '../api/framework/read-input.ts';
import { available } from '../part.ts';
import { deployments } from '../queries/deployments.ts';
import { runQuery } from '../queries/run-query.ts';
import type { Deployment } from './contract-types.ts';

const LONGEST_MS = 400 * 86_400_000;
/** What the collector takes by itself (`collector.accept`): a day back, an hour ahead. */
const EARLIEST_MS = 86_400_000;
const LATEST_MS = 3_600_000;
const ONE_LINE = /^[^\p{Cc}]{1,200}$/u;
const line = textLike(ONE_LINE, 'text of 1 to 200 characters in one line');
const httpUrl = textLike(/^https?:\/\/[^\s\p{Cc}]{1,2000}$/u, 'an http(s) URL');

/** What was deployed when: read for charts, said by pipelines. */
export function deploymentEndpoints({ clickhouse, now, sendMark }: ApiSources): readonly Endpoint[] {
  return [
    endpoint('GET /api/v1/deployments', {
      role: 'viewer',
      input: { from: momentMs, to: momentMs, service: optional(text(200)) },
      answer: async ({ from, to, service = '' }) => {
        if (to <= from || to - from > LONGEST_MS)
          return refuse('bad_request', 'The time ends before it begins, or is longer than 400 days.');
        const rows = await runQuery(clickhouse, deployments, { from_ms: from, to_ms: to, service });
        if (rows.status !== 'ok') return rows;
        return available({ deployments: rows.value.map(({ at_ms: atMs, ...row }): Deployment => ({ ...row, atMs })) });
      },
    }),
    endpoint('POST /api/v1/deployments', {
      role: 'editor',
      input: {
        service: line,
        version: line,
        environment: optional(line),
        url: optional(httpUrl),
        note: optional(text(1_000)),
        atMs: optional(momentMs),
      },
      answer: async ({ service, version, environment = '', url = '', note = '', atMs = now() }, { name }) => {
        if (atMs < now() - EARLIEST_MS || atMs > now() + LATEST_MS)
          return refuse('bad_request', 'The time is not as expected.', [
            { field: 'atMs', expected: 'a time within the last day' },
          ]);
        const base = { service, version, environment, url, note, atMs: Math.round(atMs) };
        const deployment: Deployment = { ...base, kind: 'marked', before: '', actor: name };
        const sent = await sendMark(deployment);
        return sent.status === 'ok' ? available({ deployment }) : sent;
      },
    }),
  ];
}

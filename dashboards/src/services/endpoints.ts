import type { ApiSources } from '../api/endpoints.ts';
import { endpoint, type Endpoint, refuse } from '../api/framework/endpoint.ts';
import { momentMs, text, textLike } from '../api/framework/read-input.ts';
import { shareAnswers } from '../api/framework/share-answers.ts';
import { available } from '../part.ts';
import { compareVersions, loadService, loadServices, type TimeWindow } from './load-services.ts';

/** All who look at the same time see the same for so long, in ms. */
const FRESH_MS = 5_000;
const LONGEST_MS = 400 * 86_400_000;
const WRONG_TIME = 'The time ends before it begins, or is longer than 400 days.';

/** Services, and one of them. */
export function servicesEndpoints({ clickhouse, now }: ApiSources): readonly Endpoint[] {
  const moment = (atMs: number): number => Math.floor(atMs / FRESH_MS);
  const loadAll = shareAnswers((time: TimeWindow) => loadServices(clickhouse, time), {
    keyOf: ({ from, to }) => `${moment(from)} ${moment(to)}`,
    freshMs: FRESH_MS,
    now,
  });
  const loadOne = shareAnswers(
    (asked: TimeWindow & { readonly name: string }) => loadService(clickhouse, asked.name, asked),
    {
      keyOf: ({ name, from, to }) => JSON.stringify([name, moment(from), moment(to)]),
      freshMs: FRESH_MS,
      now,
    },
  );
  return [
    endpoint('GET /api/v1/services', {
      role: 'viewer',
      input: { from: momentMs, to: momentMs },
      answer: async (time) => (isWrong(time) ? refuse('bad_request', WRONG_TIME) : available(await loadAll(time))),
    }),
    endpoint('GET /api/v1/services/:name', {
      role: 'viewer',
      input: { name: text(500), from: momentMs, to: momentMs },
      answer: async (asked) => (isWrong(asked) ? refuse('bad_request', WRONG_TIME) : available(await loadOne(asked))),
    }),
    endpoint('GET /api/v1/services/:name/compare', {
      role: 'viewer',
      input: {
        name: text(500),
        version: textLike(/^.{0,100}$/s, 'a version of at most 100 characters'),
        environment: textLike(/^.{0,100}$/s, 'an environment of at most 100 characters'),
        at: momentMs,
      },
      answer: (asked) => compareVersions(clickhouse, asked, now()),
    }),
  ];
}

function isWrong({ from, to }: TimeWindow): boolean {
  return to <= from || to - from > LONGEST_MS;
}

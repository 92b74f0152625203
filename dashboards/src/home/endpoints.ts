import type { ApiSources } from '../api/endpoints.ts';
import { endpoint, type Endpoint, refuse } from '../api/framework/endpoint.ts';
import { momentMs } from '../api/framework/read-input.ts';
import { shareAnswers } from '../api/framework/share-answers.ts';
import { available } from '../part.ts';
import { loadHome } from './load-home.ts';
import { stepsOf } from './service-lines.ts';

/** All who look at the same steps see the same for so long, in ms. */
const FRESH_MS = 5_000;
const LONGEST_MS = 400 * 86_400_000;

/** Unix ms. */
interface TimeRange {
  readonly from: number;
  readonly to: number;
}

/** What the first page shows beside the overview. */
export function homeEndpoints(sources: ApiSources): readonly Endpoint[] {
  const load = shareAnswers((range: TimeRange) => loadHome(sources, range), {
    keyOf: ({ from, to }) => JSON.stringify(stepsOf(from, to)),
    freshMs: FRESH_MS,
    now: sources.now,
  });
  return [
    endpoint('GET /api/v1/home', {
      role: 'viewer',
      input: { from: momentMs, to: momentMs },
      answer: async (range) => {
        const lengthMs = range.to - range.from;
        if (lengthMs <= 0 || lengthMs > LONGEST_MS)
          return refuse('bad_request', 'The time ends before it begins, or is longer than 400 days.');
        return available(await load(range));
      },
    }),
  ];
}

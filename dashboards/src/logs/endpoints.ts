import type { ApiSources } from '../api/endpoints.ts';
import { endpoint, type Endpoint, refuse, type Refusal } from '../api/framework/endpoint.ts';
import { listOf, momentMs, oneOf, optional, text, textLike, wholeNumber } from '../api/framework/read-input.ts';
import { readFilters } from '../filters/attribute-filters.ts';
import { refuseRange } from '../filters/time-steps.ts';
import type { LogParameters } from '../queries/log-match.ts';
import { logServices } from '../queries/log-services.ts';
import { runQuery } from '../queries/run-query.ts';
import type { LogSearch } from './contract-types.ts';
import { loadHistogram, loadRecords } from './load-logs.ts';
import { readWords } from './read-words.ts';

const SEARCH = {
  from: momentMs,
  to: momentMs,
  q: optional(text(1_000)),
  service: listOf(text(500), 20),
  severity: listOf(oneOf('fatal', 'error', 'warn', 'info', 'debug', 'trace', 'none'), 7),
  where: listOf(text(2_000), 20),
  trace: optional(textLike(/^[0-9a-f]{32}$/i, 'a trace id of 32 hexadecimal digits')),
};
const RECORDS = 200;
const MOST_RECORDS = 500;

/** Log records: searched, counted, and which services write them. A page that follows them asks for the newest again and again. */
export function logEndpoints({ clickhouse }: ApiSources): readonly Endpoint[] {
  return [
    endpoint('GET /api/v1/logs', {
      role: 'viewer',
      input: {
        ...SEARCH,
        before: optional(textLike(/^\d{1,19}\.\d{1,20}$/, 'a place in the list, as the last answer says it')),
        limit: optional(wholeNumber(1, MOST_RECORDS)),
      },
      answer: async ({ before, limit = RECORDS, ...search }) => {
        const parameters = readSearch(search);
        return parameters.status === 'refused' ? parameters : loadRecords(clickhouse, parameters.value, before, limit);
      },
    }),
    endpoint('GET /api/v1/logs/histogram', {
      role: 'viewer',
      input: SEARCH,
      answer: async (search) => {
        const parameters = readSearch(search);
        return parameters.status === 'refused' ? parameters : loadHistogram(clickhouse, parameters.value);
      },
    }),
    endpoint('GET /api/v1/logs/services', {
      role: 'viewer',
      input: { from: momentMs, to: momentMs },
      answer: async (range) =>
        refuseRange(range) ?? runQuery(clickhouse, logServices, { from_ms: range.from, to_ms: range.to }),
    }),
  ];
}

function readSearch(search: LogSearch): { readonly status: 'read'; readonly value: LogParameters } | Refusal {
  const refused = refuseRange(search);
  if (refused) return refused;
  const filters = readFilters(search.where, 'where');
  if (filters.status === 'wrong') return refuse('bad_request', 'A filter is not as expected.', filters.errors);
  const { words, noWords } = readWords(search.q ?? '');
  return {
    status: 'read',
    value: {
      ...filters.parameters,
      from_ms: search.from,
      to_ms: search.to,
      words,
      no_words: noWords,
      services: search.service,
      severities: search.severity,
      trace_id: search.trace?.toLowerCase() ?? '',
    },
  };
}

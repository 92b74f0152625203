import type { ApiSources } from '../api/endpoints.ts';
import { type Answer, endpoint, type Endpoint, refuse } from '../api/framework/endpoint.ts';
import { oneOf, textLike, wholeNumber } from '../api/framework/read-input.ts';
import { available, type Part } from '../part.ts';
import { runQuery } from '../queries/run-query.ts';
import { spanDetails } from '../queries/span-details.ts';
import { spanValue } from '../queries/span-value.ts';
import { loadTrace } from './load-trace.ts';

const id = textLike(/^[0-9a-f]{32}$/i, 'a trace id of 32 hexadecimal digits');
/** Telemetry's ids may be empty, or of no shape at all. */
const span = textLike(/^.{0,64}$/s, 'a span id');
const at = textLike(/^\d{1,19}$/, 'a time in Unix ns');

/** A trace by its id, and what its spans say. */
export function traceEndpoints({ clickhouse }: ApiSources): readonly Endpoint[] {
  return [
    endpoint('GET /api/v1/traces/:id', {
      role: 'viewer',
      input: { id },
      answer: async (input) => {
        const part = await loadTrace(clickhouse, input.id.toLowerCase());
        if (part.status !== 'ok') return part;
        return part.value
          ? available(part.value)
          : refuse('not_found', 'No span of this trace is stored. It may be on its way, or older than what is kept.');
      },
    }),
    endpoint('GET /api/v1/traces/:id/span', {
      role: 'viewer',
      input: { id, span, at },
      answer: async (input) =>
        firstOf(
          await runQuery(clickhouse, spanDetails, {
            trace_id: input.id.toLowerCase(),
            span_id: input.span,
            at_ns: input.at,
          }),
        ),
    }),
    endpoint('GET /api/v1/traces/:id/value', {
      role: 'viewer',
      input: {
        id,
        span,
        at,
        place: oneOf('span', 'resource', 'event', 'link', 'message'),
        part: wholeNumber(1, 1_000_000),
        item: wholeNumber(1, 1_000_000),
      },
      answer: async ({ place, part, item, ...input }) =>
        firstOf(
          await runQuery(clickhouse, spanValue, {
            trace_id: input.id.toLowerCase(),
            span_id: input.span,
            at_ns: input.at,
            place,
            part,
            item,
          }),
        ),
    }),
  ];
}

function firstOf<Row>(rows: Part<readonly Row[]>): Answer<Row> {
  if (rows.status !== 'ok') return rows;
  const [row] = rows.value;
  return row === undefined ? refuse('not_found', 'This span is not stored, or no longer.') : available(row);
}

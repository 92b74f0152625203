import { ITEMS_PER_REQUEST, type Marks, resourceOf, text } from './marks.ts';

const SEVERITIES = [
  [9, 'INFO'],
  [9, 'INFO'],
  [5, 'DEBUG'],
  [13, 'WARN'],
  [17, 'ERROR'],
] as const;

/** Log records: a body of about a hundred bytes, five attributes, each of a span and trace of its own. */
export function logRequest(marks: Marks, seed: number): object {
  const log_records = Array.from({ length: ITEMS_PER_REQUEST }, (_, place) => {
    const [severity_number, severity_text] = SEVERITIES[place % SEVERITIES.length] ?? [9, 'INFO'];
    const index = place + seed;
    return {
      time_unix_nano: marks.time(),
      severity_number,
      severity_text,
      body: {
        string_value: `order ${(index * 7919) % 100_000} of customer ${(index * 104_729) % 1_000_000} was taken, three items, paid by card`,
      },
      attributes: [
        text('logger', 'shop.orders'),
        text('thread', `worker-${place % 8}`),
        text('order.id', `${(index * 7919) % 100_000}`),
        { key: 'order.items', value: { int_value: '3' } },
        text('payment.kind', 'card'),
      ],
      trace_id: marks.id(16),
      span_id: marks.id(8),
      flags: 1,
    };
  });
  return { resource_logs: [{ resource: resourceOf(seed), scope_logs: [{ scope: { name: 'shop' }, log_records }] }] };
}

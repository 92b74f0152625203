import { hexId, spanRow, timestamp } from '../rows.ts';

const MIN_MS = 60_000;

interface SeededIncident {
  readonly id: string;
  readonly severity: string;
  readonly receiver: string;
  readonly labels: Readonly<Record<string, string>>;
  /** What happened so many minutes before the end of the day. */
  readonly events: readonly (readonly [minutesAgo: number, kind: string, text: string, actor?: string])[];
}

/** A page that was taken on and is over, a ticket that nobody took on, and one of which nobody could be told, open still. */
const INCIDENTS: readonly SeededIncident[] = [
  {
    id: '0190-page',
    severity: 'page',
    receiver: 'oncall',
    labels: { alertname: 'MonitorDown', monitor: 'shop' },
    events: [
      [480, 'fired', 'MonitorDown: shop is down at default.'],
      [480, 'notified', 'ana is told by ana-phone.', 'ana'],
      [474, 'acknowledged', 'ana has it.', 'ana'],
      [470, 'note', 'The load balancer lost its certificate.', 'ana'],
      [450, 'resolved', 'All is over.'],
    ],
  },
  {
    id: '0190-ticket',
    severity: 'ticket',
    receiver: 'oncall',
    labels: { alertname: 'ErrorBudgetBurn', slo: 'checkout' },
    events: [
      [200, 'fired', 'ErrorBudgetBurn: checkout burns 3 times too fast.'],
      [200, 'deferred', 'ben has quiet hours until 07:00.', 'ben'],
      [110, 'resolved', 'All is over.'],
    ],
  },
  {
    id: '0190-open',
    severity: 'page',
    receiver: 'payments',
    labels: { alertname: 'ServiceErrors', service: 'shop' },
    events: [
      [20, 'fired', 'ServiceErrors: shop fails 5 % of requests.'],
      [20, 'nobody_on_call', 'Nobody is on call in payments.'],
      [15, 'notified', 'ana is told by ana-mail.', 'ana'],
      [14, 'acknowledged', 'ana has it.', 'ana'],
    ],
  },
];

/** Alerting's history as rows of `otel_logs`. Source: docs/alerting/on-call.md, "The history". */
export function incidentRows(endMs: number): Record<string, unknown>[] {
  return INCIDENTS.flatMap(({ id, severity, receiver, labels, events }) =>
    events.map(([minutesAgo, kind, text, actor]) => ({
      Timestamp: timestamp(endMs - minutesAgo * MIN_MS),
      SeverityText: 'INFO',
      SeverityNumber: 9,
      ServiceName: 'tocsin-alerting',
      Body: text,
      ResourceAttributes: { 'service.name': 'tocsin-alerting', 'service.version': '0.1.0' },
      ScopeName: 'tocsin.alerting.oncall',
      EventName: `tocsin.incident.${kind}`,
      LogAttributes: {
        'tocsin.incident.id': id,
        'tocsin.incident.receiver': receiver,
        'tocsin.incident.severity': severity,
        'tocsin.incident.group_key': `{}:${JSON.stringify(labels)}`,
        ...(actor === undefined ? {} : { 'tocsin.incident.actor': actor }),
        ...Object.fromEntries(Object.entries(labels).map(([name, value]) => [`tocsin.incident.label.${name}`, value])),
      },
    })),
  );
}

/** Attempts to deliver messages: one that was refused, and its repetition. */
export function deliveryRows(endMs: number): Record<string, unknown>[] {
  return [479, 478, 15].map((minutesAgo, index) => {
    const isRefused = index === 0;
    return spanRow({
      service: 'tocsin-alerting',
      name: 'deliver slack',
      kind: 'Producer',
      traceId: hexId(0xa000 + index, 32),
      spanId: hexId(0xa000 + index, 16),
      atMs: endMs - minutesAgo * MIN_MS,
      durationMs: 120,
      status: isRefused ? 'Error' : 'Unset',
      message: isRefused ? 'answered 503' : '',
      attributes: {
        'tocsin.alerting.channel': 'slack:ana-phone/0',
        'tocsin.alerting.notification.id': `n-${index}`,
        'tocsin.alerting.notification.cause': 'first',
        'tocsin.alerting.attempt': String(isRefused ? 1 : 2),
        'tocsin.alerting.outcome': isRefused ? 'retryable' : 'ok',
        ...(isRefused ? { 'error.type': 'unavailable' } : {}),
      },
    });
  });
}

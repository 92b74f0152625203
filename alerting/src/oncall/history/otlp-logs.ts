import type { EventKind } from '../incident.ts';
import type { HistoryEvent } from './history-store.ts';

/** What is worth a warning: somebody was not told who should have been. */
const WARNINGS: ReadonlySet<EventKind> = new Set([
  'nobody_on_call',
  'unreachable',
  'refused',
  'nobody_told',
  'repaired',
  'not_followed',
]);
/** Source: OpenTelemetry, Logs Data Model, "Field: SeverityNumber". */
const INFO = { severityNumber: 9, severityText: 'INFO' };
const WARN = { severityNumber: 13, severityText: 'WARN' };
const NANOS_OF_MS = '000000';

/**
 * The events of incidents as an OTLP request for logs, in JSON: one record each, with `tocsin.incident.KIND` as its event name.
 * Source: OTLP specification 1.x, "JSON Protobuf Encoding"; Logs Data Model, "Field: EventName".
 */
export function encodeHistory(events: readonly HistoryEvent[], version: string): string {
  const resource = { attributes: attributesOf({ 'service.name': 'tocsin-alerting', 'service.version': version }) };
  const scope = { name: 'tocsin.alerting.oncall', version };
  return JSON.stringify({ resourceLogs: [{ resource, scopeLogs: [{ scope, logRecords: events.map(encodeEvent) }] }] });
}

function encodeEvent({ atMs, kind, actor, text, ...event }: HistoryEvent): object {
  const labels = Object.entries(event.groupLabels).map(
    ([name, value]) => [`tocsin.incident.label.${name}`, value] as const,
  );
  return {
    timeUnixNano: `${atMs}${NANOS_OF_MS}`,
    observedTimeUnixNano: `${atMs}${NANOS_OF_MS}`,
    ...(WARNINGS.has(kind) ? WARN : INFO),
    eventName: `tocsin.incident.${kind}`,
    body: { stringValue: text },
    attributes: attributesOf({
      'tocsin.incident.id': event.incidentId,
      'tocsin.incident.receiver': event.receiver,
      'tocsin.incident.severity': event.severity,
      'tocsin.incident.group_key': event.groupKey,
      'tocsin.incident.actor': actor,
      ...Object.fromEntries(labels),
    }),
  };
}

/** Attributes that say nothing are left out. */
function attributesOf(values: Readonly<Record<string, string>>): object[] {
  return Object.entries(values)
    .filter(([, value]) => value !== '')
    .map(([key, stringValue]) => ({ key, value: { stringValue } }));
}

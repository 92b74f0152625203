import { randomBytes } from 'node:crypto';
import { type Attributes, SpanKind, type SpanStatus, SpanStatusCode, TraceFlags } from '@opentelemetry/api';
import { ProtobufTraceSerializer } from '@opentelemetry/otlp-transformer';
import type { Resource } from '@opentelemetry/resources';
import type { Phase } from '../phases.ts';
import { describeEvidence } from '../evidence.ts';
import type { Hop, ProbeRun } from '../probe-run.ts';
import { SCOPE } from './scope.ts';
import { toHrTime } from './time.ts';

type SerializableSpan = Parameters<typeof ProtobufTraceSerializer.serializeRequest>[0][number];

/** Runs as the body of an OTLP `ExportTraceServiceRequest`: a root span each and below it a span for every hop and phase. */
export function encodeTraces(runs: readonly ProbeRun[], resource: Resource): Uint8Array {
  const spans = runs.flatMap((run) => {
    const hops = run.hops && run.hops.length > 1 ? run.hops : [];
    const hopSpans = hops.map((hop) => hopSpan(run, hop, resource));
    const phaseSpans = run.phases.map((phase) =>
      phaseSpan(run, phase, hopSpans[phase.hop]?.spanContext().spanId ?? run.spanId, resource),
    );
    return [rootSpan(run, resource), ...hopSpans, ...phaseSpans];
  });
  return ProtobufTraceSerializer.serializeRequest(spans) ?? new Uint8Array();
}

function rootSpan(run: ProbeRun, resource: Resource): SerializableSpan {
  const { outcome, reason, message } = run.verdict;
  return span(resource, {
    traceId: run.traceId,
    spanId: run.spanId,
    name: `probe ${run.monitor}`,
    kind: SpanKind.CLIENT,
    startUnixMs: run.startUnixMs,
    durationMs: run.durationMs,
    attributes: {
      'tocsin.monitor.name': run.monitor,
      'tocsin.monitor.kind': run.kind,
      'tocsin.probe.outcome': outcome,
      'tocsin.probe.reason': reason,
      'tocsin.probe.message': message,
      ...run.attributes,
      ...describeEvidence(run.evidence ?? {}),
    },
    status: statusOf(run, true),
  });
}

function hopSpan(run: ProbeRun, hop: Hop, resource: Resource): SerializableSpan {
  return span(resource, {
    traceId: run.traceId,
    spanId: randomBytes(8).toString('hex'),
    parentSpanId: run.spanId,
    name: hop.name,
    kind: SpanKind.INTERNAL,
    startUnixMs: run.startUnixMs + hop.startOffsetMs,
    durationMs: hop.durationMs,
    attributes: hop.attributes,
    status: statusOf(run, hop.failed),
  });
}

function statusOf({ verdict: { outcome, message } }: ProbeRun, failed: boolean): SpanStatus {
  return failed && outcome === 'down' ? { code: SpanStatusCode.ERROR, message } : { code: SpanStatusCode.UNSET };
}

function phaseSpan(run: ProbeRun, phase: Phase, parentSpanId: string, resource: Resource): SerializableSpan {
  return span(resource, {
    traceId: run.traceId,
    spanId: randomBytes(8).toString('hex'),
    parentSpanId,
    name: phase.name,
    kind: SpanKind.INTERNAL,
    startUnixMs: run.startUnixMs + phase.startOffsetMs,
    durationMs: phase.durationMs,
    attributes: { ...phase.attributes, ...(phase.hop === 0 ? {} : { 'tocsin.probe.hop': phase.hop }) },
    status: statusOf(run, phase.failed),
  });
}

interface SpanParts {
  readonly traceId: string;
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: SpanKind;
  readonly startUnixMs: number;
  readonly durationMs: number;
  readonly attributes: Attributes;
  readonly status: SpanStatus;
}

function span(resource: Resource, parts: SpanParts): SerializableSpan {
  const { traceId, spanId, parentSpanId, name, kind, attributes, status, startUnixMs, durationMs } = parts;
  const traceFlags = TraceFlags.SAMPLED;
  const context = { traceId, spanId, traceFlags };
  return {
    name,
    kind,
    attributes,
    status,
    resource,
    spanContext: () => context,
    ...(parentSpanId === undefined ? {} : { parentSpanContext: { traceId, spanId: parentSpanId, traceFlags } }),
    startTime: toHrTime(startUnixMs),
    endTime: toHrTime(startUnixMs + durationMs),
    duration: toHrTime(durationMs),
    ended: true,
    events: [],
    links: [],
    instrumentationScope: SCOPE,
    droppedAttributesCount: 0,
    droppedEventsCount: 0,
    droppedLinksCount: 0,
  };
}

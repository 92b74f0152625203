import { randomBytes } from 'node:crypto';
import type { AttributeMap } from '../attributes.ts';
import { describeEvidence } from '../evidence.ts';
import type { ProbeRun } from '../probe-run.ts';
import type { ProtoWriter } from './proto-writer.ts';

/** `opentelemetry-proto` 1.x, `Span.SpanKind` and `Status.StatusCode`. */
const INTERNAL = 1;
const CLIENT = 3;
const ERROR = 2;
/** The flags field's lowest bit: sampled. */
const SAMPLED = 1;

interface SpanParts {
  readonly spanId: string;
  readonly parentSpanId?: string;
  readonly name: string;
  readonly kind: number;
  readonly startUnixMs: number;
  readonly durationMs: number;
  readonly failed: boolean;
}

/** A run as the `spans` of a `ScopeSpans`: a root span, and below it a span for every hop and phase. */
export function encodeSpans(writer: ProtoWriter, run: ProbeRun): Buffer {
  const { monitor, spanId, startUnixMs, durationMs, phases, hops = [] } = run;
  writeSpan(
    writer,
    run,
    { spanId, name: `probe ${monitor}`, kind: CLIENT, startUnixMs, durationMs, failed: true },
    () => writeRootAttributes(writer, run),
  );
  const stops = hops.length > 1 ? hops : [];
  const ids = randomBytes(8 * (stops.length + phases.length)).toString('hex');
  const idAt = (index: number): string => ids.slice(16 * index, 16 * (index + 1));
  const child = (index: number, parentSpanId: string, part: Child): void => {
    const startMs = startUnixMs + part.startOffsetMs;
    const parts = { ...part, spanId: idAt(index), parentSpanId, kind: INTERNAL, startUnixMs: startMs };
    writeSpan(writer, run, parts, () => writer.attributes(9, part.attributes));
  };
  for (const [index, hop] of stops.entries()) child(index, spanId, hop);
  for (const [index, phase] of phases.entries()) {
    const attributes = phase.hop === 0 ? phase.attributes : { ...phase.attributes, 'tocsin.probe.hop': phase.hop };
    child(stops.length + index, phase.hop < stops.length ? idAt(phase.hop) : spanId, { ...phase, attributes });
  }
  return writer.take();
}

interface Child {
  readonly name: string;
  readonly startOffsetMs: number;
  readonly durationMs: number;
  readonly failed: boolean;
  readonly attributes: AttributeMap;
}

function writeSpan(writer: ProtoWriter, run: ProbeRun, parts: SpanParts, writeAttributes: () => void): void {
  const { outcome, message } = run.verdict;
  const span = writer.begin(2);
  writer.hex(1, run.traceId);
  writer.hex(2, parts.spanId);
  if (parts.parentSpanId !== undefined) writer.hex(4, parts.parentSpanId);
  writer.text(5, parts.name);
  writer.uint(6, parts.kind);
  writer.time(7, parts.startUnixMs);
  writer.time(8, parts.startUnixMs + parts.durationMs);
  writeAttributes();
  if (parts.failed && outcome === 'down') {
    const status = writer.begin(15);
    writer.text(2, message);
    writer.uint(3, ERROR);
    writer.end(status);
  }
  // Fixed32: field 16, wire type 5.
  writer.raw(FLAGS);
  writer.end(span);
}

const FLAGS = Buffer.from([0x85, 0x01, SAMPLED, 0, 0, 0]);

function writeRootAttributes(writer: ProtoWriter, run: ProbeRun): void {
  const { outcome, reason, message } = run.verdict;
  writer.attribute(9, 'tocsin.monitor.name', run.monitor);
  writer.attribute(9, 'tocsin.monitor.kind', run.kind);
  writer.attribute(9, 'tocsin.probe.outcome', outcome);
  writer.attribute(9, 'tocsin.probe.reason', reason);
  writer.attribute(9, 'tocsin.probe.message', message);
  writer.attributes(9, run.attributes);
  if (run.evidence) writer.attributes(9, describeEvidence(run.evidence));
  const { marks } = run;
  if (!marks) return;
  writer.attribute(9, 'tocsin.probe.attempt', marks.attempt);
  if (marks.state !== undefined) writer.attribute(9, 'tocsin.monitor.state', marks.state);
  if (marks.isInMaintenance) writer.attribute(9, 'tocsin.probe.maintenance', true);
  if (marks.isExcluded) writer.attribute(9, 'tocsin.probe.excluded', true);
  if (marks.suppressedBy !== undefined) writer.attribute(9, 'tocsin.monitor.suppressed_by', marks.suppressedBy);
}

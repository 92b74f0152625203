import { formatAgo, formatDurationMs, formatRate, formatShare } from '../../../../src/html/format.ts';
import type { ServiceErrorsRow } from '../../../../src/queries/service-errors.ts';
import type { ServiceInstancesRow } from '../../../../src/queries/service-instances.ts';
import type { ServiceOperationsRow } from '../../../../src/queries/service-operations.ts';
import { Moment } from '../../parts/moment.tsx';

function tracesOf(service: string, more: Readonly<Record<string, string>>): string {
  return `/traces?${new URLSearchParams({ service, ...more })}`;
}

function Heads({ names, numbers }: { readonly names: readonly string[]; readonly numbers: readonly string[] }) {
  return (
    <thead>
      <tr>
        {names.map((name) => (
          <th key={name} scope="col">
            {name}
          </th>
        ))}
        {numbers.map((name) => (
          <th key={name} scope="col" class="number">
            {name}
          </th>
        ))}
      </tr>
    </thead>
  );
}

/** Operations with rate, errors and durations; each leads to its traces, its errors to those that failed. */
export function Operations({
  service,
  rows,
  lengthMs,
}: {
  readonly service: string;
  readonly rows: readonly ServiceOperationsRow[];
  readonly lengthMs: number;
}) {
  return (
    <table class="cards">
      <Heads names={['Operation', 'Kind']} numbers={['Requests/s', 'Errors', 'p50', 'p95', 'p99']} />
      <tbody>
        {rows.map(({ operation, kind, requests, errors, p50_ms, p95_ms, p99_ms }, index) => (
          <tr key={index}>
            <td class="name">
              <a href={tracesOf(service, { operation })}>
                <bdi>{operation === '' ? '(no name)' : operation}</bdi>
              </a>
            </td>
            <td class="soft">{kind}</td>
            <td class="number" data-label="Requests/s">
              {formatRate(requests / (lengthMs / 1_000))}
            </td>
            <td class="number" data-label="Errors">
              {errors > 0 ? (
                <a class="bad" href={tracesOf(service, { operation, status: 'error' })}>
                  {formatShare(errors / requests)}
                </a>
              ) : (
                formatShare(0)
              )}
            </td>
            <td class="number" data-label="p50">
              {formatDurationMs(p50_ms)}
            </td>
            <td class="number" data-label="p95">
              {formatDurationMs(p95_ms)}
            </td>
            <td class="number" data-label="p99">
              {formatDurationMs(p99_ms)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** Instances, each with its own errors and p99: one that is worse than the others is seen. */
export function Instances({
  rows,
  lengthMs,
  nowMs,
}: {
  readonly rows: readonly ServiceInstancesRow[];
  readonly lengthMs: number;
  readonly nowMs: number;
}) {
  return (
    <table class="cards">
      <Heads names={['Instance', 'Version']} numbers={['Requests/s', 'Errors', 'p99', 'Last span']} />
      <tbody>
        {rows.map(({ instance, version, requests, errors, p99_ms, last_ms }, index) => (
          <tr key={index}>
            <td>
              <bdi>{instance === '' ? '(not named)' : instance}</bdi>
            </td>
            <td>
              <bdi>{version === '' ? '–' : version}</bdi>
            </td>
            <td class="number" data-label="Requests/s">
              {formatRate(requests / (lengthMs / 1_000))}
            </td>
            <td class="number" data-label="Errors">
              <span class={errors > 0 ? 'bad' : undefined}>{requests > 0 ? formatShare(errors / requests) : '–'}</span>
            </td>
            <td class="number" data-label="p99">
              {p99_ms === null ? '–' : formatDurationMs(p99_ms)}
            </td>
            <td class="number" data-label="Last span">
              <Moment atMs={last_ms} text={formatAgo(last_ms, nowMs)} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

/** The newest failed spans, each with a way to its place in its trace. */
export function RecentErrors({ rows }: { readonly rows: readonly ServiceErrorsRow[] }) {
  return (
    <table class="cards">
      <Heads names={['Time', 'Operation', 'What it says']} numbers={['Duration']} />
      <tbody>
        {rows.map(({ at_ms, trace_id, span_id, operation, message, duration_ms }, index) => (
          <tr key={index}>
            <td class="soft">
              <Moment atMs={at_ms} />
            </td>
            <td>
              <a href={`/trace/${encodeURIComponent(trace_id)}?${new URLSearchParams({ span: span_id })}`}>
                <bdi>{operation === '' ? '(no name)' : operation}</bdi>
              </a>
            </td>
            <td class={message === '' ? 'soft' : 'bad'}>
              <bdi>{message === '' ? 'it says nothing' : message}</bdi>
            </td>
            <td class="number" data-label="Duration">
              {formatDurationMs(duration_ms)}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

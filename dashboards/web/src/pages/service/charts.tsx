import { useMemo } from 'preact/hooks';
import { formatDurationMs, formatRate } from '../../../../src/html/format.ts';
import type { ServiceVersionsRow } from '../../../../src/queries/service-versions.ts';
import type { ServiceDetails } from '../../../../src/services/contract-types.ts';
import { Panel } from '../../parts/panel.tsx';
import { TimeChart } from '../../parts/time-chart.tsx';
import { timeWindow } from '../../state/clock.ts';
import { sayVersion } from './versions-panel.tsx';

type Steps = Extract<ServiceDetails['steps'], { status: 'ok' }>['value'];

/** Requests, errors and durations over the time range, with a mark where a version was first seen. */
export function Charts({
  steps,
  versions,
}: {
  readonly steps: Steps;
  readonly versions: readonly ServiceVersionsRow[];
}) {
  const window = timeWindow.value;
  const { timesMs, rates, durations } = useMemo(() => seriesOf(steps), [steps]);
  const marks = useMemo(
    () =>
      versions
        .filter(({ version }) => version !== '')
        .map((row) => ({ atMs: row.first_ms, text: `deployed: ${sayVersion(row)}` })),
    [versions],
  );
  const deployed = marks.filter(({ atMs }) => atMs >= window.fromMs && atMs <= window.toMs);
  const common = { timesMs, window, marks, group: 'service' };
  return (
    <div class="two-columns even">
      <Panel title="Requests and errors per second" aside={deployed.map(({ text }) => text).join(', ')}>
        <TimeChart {...common} label="Requests and errors per second" series={rates} format={formatRate} />
      </Panel>
      <Panel title="Duration of requests">
        <TimeChart {...common} label="Duration of requests" series={durations} format={formatDurationMs} />
      </Panel>
    </div>
  );
}

function seriesOf({ fromMs, toMs, stepMs, rows }: Steps) {
  const known = new Map(rows.map((row) => [row.at_ms, row]));
  const count = Math.max(1, Math.round((toMs - fromMs) / stepMs));
  const timesMs = Array.from({ length: count }, (_, index) => fromMs + index * stepMs);
  const seconds = stepMs / 1_000;
  const all = timesMs.map((atMs) => known.get(atMs));
  return {
    timesMs,
    rates: [
      { name: 'requests', values: all.map((row) => (row?.requests ?? 0) / seconds), isArea: true },
      { name: 'errors', values: all.map((row) => (row?.errors ?? 0) / seconds), colour: 'down' as const },
    ],
    durations: [
      { name: 'p50', values: all.map((row) => row?.p50_ms ?? null), colour: 3 },
      { name: 'p95', values: all.map((row) => row?.p95_ms ?? null), colour: 5 },
      { name: 'p99', values: all.map((row) => row?.p99_ms ?? null), colour: 4 },
    ],
  };
}

import { useMemo } from 'preact/hooks';
import { formatDurationMs } from '../../../../src/html/format.ts';
import type { MonitorHistory, PhaseLine } from '../../../../src/monitor/contract-types.ts';
import { PartOf } from '../../parts/notices.tsx';
import { Panel } from '../../parts/panel.tsx';
import { TimeChart } from '../../parts/time-chart.tsx';
import { timeWindow } from '../../state/clock.ts';
import { stackOfPhases } from './stack.ts';

/** Response times and phases over the chosen time. */
export function ResponsePanels({ history }: { readonly history: MonitorHistory }) {
  const aside = `in steps of ${formatDurationMs(history.stepMs)}${history.isRolledUp ? ', within 4.4 %' : ''}`;
  return (
    <div class="two-columns even">
      <Panel title="Response time" aside={aside}>
        <Percentiles history={history} />
      </Panel>
      <Panel title="Phases" aside="means, one upon the other">
        <PartOf part={history.phases}>{(phases) => <Phases history={history} phases={phases} />}</PartOf>
      </Panel>
    </div>
  );
}

function Percentiles({ history }: { readonly history: MonitorHistory }) {
  const { series, marks } = useMemo(() => {
    const { steps, timesMs } = history;
    return {
      series: [
        { name: 'p99', values: steps.map((step) => step?.p99Ms ?? null), colour: 2 },
        { name: 'p95', values: steps.map((step) => step?.p95Ms ?? null), colour: 5 },
        { name: 'p50', values: steps.map((step) => step?.p50Ms ?? null), colour: 1 },
      ],
      marks: timesMs.flatMap((atMs, index) => {
        const failed = steps[index]?.failed ?? 0;
        return failed > 0 ? [{ atMs, text: `${failed} failed`, tone: 'down' as const }] : [];
      }),
    };
  }, [history]);
  if (history.steps.every((step) => step === null)) return <p class="soft">No run in this time says anything.</p>;
  return (
    <>
      <TimeChart
        label="Response time: p50, p95, p99 of the runs that were not down"
        timesMs={history.timesMs}
        series={series}
        marks={marks}
        window={timeWindow.value}
        format={formatDurationMs}
        group="monitor"
      />
      {marks.length > 0 && <p class="soft small">Red lines are steps with failed runs.</p>}
    </>
  );
}

function Phases({ history, phases }: { readonly history: MonitorHistory; readonly phases: readonly PhaseLine[] }) {
  const series = useMemo(() => stackOfPhases(phases), [phases]);
  if (phases.length === 0) return <p class="soft">No run in this time has phases.</p>;
  return (
    <TimeChart
      label={`Phases of the mean run: ${phases.map(({ phase }) => phase).join(', ')}`}
      timesMs={history.timesMs}
      series={series}
      window={timeWindow.value}
      format={formatDurationMs}
      group="monitor"
    />
  );
}

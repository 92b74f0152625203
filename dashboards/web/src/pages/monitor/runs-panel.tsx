import { useState } from 'preact/hooks';
import { formatDurationMs } from '../../../../src/html/format.ts';
import type { MonitorRunListRow } from '../../../../src/queries/monitor-run-list.ts';
import { useApi } from '../../api/use-api.ts';
import { Moment } from '../../parts/moment.tsx';
import { Asked } from '../../parts/notices.tsx';
import { Panel } from '../../parts/panel.tsx';
import { StateBadge, type Tone } from '../../parts/state-badge.tsx';
import { timeWindow } from '../../state/clock.ts';
import { query, setQuery } from '../../state/url.ts';
import { RunWaterfall } from './run-waterfall.tsx';

const TONES: Readonly<Record<string, Tone>> = { up: 'up', degraded: 'degraded', down: 'down', unknown: 'unknown' };
const WORDS: Readonly<Record<string, string>> = { up: 'Up', degraded: 'Degraded', down: 'Down', unknown: 'Unknown' };

/** Runs of the chosen time: those that did not find it up, or all. Each opens to its waterfall. */
export function RunsPanel({ name }: { readonly name: string }) {
  const all = query.value.get('runs') === 'all';
  const before = Number(query.value.get('before') ?? '');
  const { fromMs, toMs } = timeWindow.value;
  const to = before > fromMs ? before : Math.ceil(toMs);
  const loaded = useApi('GET /api/v1/monitors/:name/runs', { name, from: Math.floor(fromMs), to, all });
  return (
    <Panel
      title={all ? 'Runs' : 'Runs that did not find it up'}
      aside={
        <button type="button" onClick={() => setQuery({ runs: all ? undefined : 'all', before: undefined })}>
          {all ? 'Only those not up' : 'All runs'}
        </button>
      }
    >
      <Asked loaded={loaded}>
        {({ runs, next }) => (
          <>
            {runs.length === 0 ? <p class="soft">None in this time.</p> : <Runs runs={runs} />}
            {before > 0 && (
              <button type="button" onClick={() => setQuery({ before: undefined })}>
                Newest
              </button>
            )}{' '}
            {next !== undefined && (
              <button type="button" onClick={() => setQuery({ before: String(next) })}>
                Older runs
              </button>
            )}
          </>
        )}
      </Asked>
    </Panel>
  );
}

function Runs({ runs }: { readonly runs: readonly MonitorRunListRow[] }) {
  return (
    <ol class="runs">
      {runs.map((run) => (
        <Run key={`${run.trace_id} ${run.at_ms} ${run.location}`} run={run} />
      ))}
    </ol>
  );
}

function Run({ run }: { readonly run: MonitorRunListRow }) {
  const [isOpen, setOpen] = useState(false);
  const { at_ms, location, outcome, reason, message, status_code, step, attempt, duration_ms, trace_id, peer } = run;
  const facts = [
    reason,
    ...(status_code === '' ? [] : [`status ${status_code}`]),
    ...(step === '' ? [] : [`step ${step}`]),
    ...(attempt > 1 ? [`attempt ${attempt}`] : []),
    ...(peer === '' ? [] : [peer]),
    ...(run.in_maintenance ? ['in maintenance'] : []),
    ...(run.suppressed_by === '' ? [] : [`because of ${run.suppressed_by}`]),
  ].filter((text) => text !== '');
  return (
    <li>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <span>
            <Moment atMs={at_ms} />
          </span>
          <span>
            <StateBadge tone={TONES[outcome] ?? 'unknown'}>{WORDS[outcome] ?? 'Unknown'}</StateBadge>
          </span>
          <span class="why">
            <bdi class={outcome === 'down' ? 'bad' : undefined}>{message === '' ? reason : message}</bdi>
            <span class="soft small">
              {' '}
              <bdi>{facts.join(', ')}</bdi>
            </span>
          </span>
          <span class="soft place">
            <bdi>{location}</bdi>
          </span>
          <span class="number">{formatDurationMs(duration_ms)}</span>
        </summary>
        {isOpen && (trace_id === '' ? <p class="soft">It has no trace.</p> : <RunWaterfall traceId={trace_id} />)}
      </details>
    </li>
  );
}

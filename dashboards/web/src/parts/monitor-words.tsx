import { formatAgo, formatDurationMs } from '../../../src/html/format.ts';
import type {
  LocationView,
  MonitorSchedule,
  MonitorState,
  MonitorView,
  ProbeRun,
} from '../../../src/overview/monitor-types.ts';
import { type Bar, Bars } from './bars.tsx';
import { Moment } from './moment.tsx';
import { StateBadge, type Tone } from './state-badge.tsx';

const WORDS: Readonly<Record<MonitorState, string>> = {
  up: 'Up',
  degraded: 'Degraded',
  down: 'Down',
  unknown: 'Unknown',
  never_probed: 'Never probed',
};

/** As many of a location's last runs as the console tells (`dashboards/src/queries/monitor-runs.ts`). */
const RECENT_RUNS = 40;

type Held = Pick<MonitorView, 'state' | 'mutedBy' | 'suppressedBy'>;

/** Where a monitor's own page is. */
export function monitorPath(name: string): string {
  return `/monitor/${encodeURIComponent(name)}`;
}

/** The colour of what is held of a monitor: grey where something mutes it. */
export function toneOf({ state, mutedBy, suppressedBy }: Held): Tone {
  if (mutedBy === 'maintenance' || suppressedBy !== '') return 'off';
  return state === 'never_probed' ? 'unknown' : state;
}

/** What is held of a monitor, or of it at a location, and what mutes it. */
export function MonitorStateBadge({ held }: { readonly held: Held }) {
  const { state, mutedBy, suppressedBy } = held;
  return (
    <>
      <StateBadge tone={toneOf(held)}>{WORDS[state]}</StateBadge>
      {mutedBy === 'maintenance' && <span class="soft small"> in maintenance</span>}
      {mutedBy !== 'maintenance' && suppressedBy !== '' && (
        <span class="soft small">
          {' '}
          because of{' '}
          <a href={monitorPath(suppressedBy)}>
            <bdi>{suppressedBy}</bdi>
          </a>
        </span>
      )}
    </>
  );
}

/** How often it is probed. */
export function Schedule({ schedule }: { readonly schedule: MonitorSchedule }) {
  if (schedule.type === 'interval') return <>every {formatDurationMs(schedule.intervalMs)}</>;
  return (
    <>
      <code>{schedule.expression}</code> {schedule.timeZone}
    </>
  );
}

/** The last run in words: why, when, how long, and where to look further. */
export function LastRun({
  of,
  nowMs,
}: {
  readonly of: Pick<MonitorView | LocationView, 'state' | 'mutedBy' | 'message' | 'reason' | 'last' | 'phases'>;
  readonly nowMs: number;
}) {
  const { state, mutedBy, message, reason, last, phases } = of;
  const words = message === '' ? reason : message;
  return (
    <>
      {words !== '' && (
        <div class={state === 'down' && mutedBy === '' ? 'bad' : undefined}>
          <bdi>{words}</bdi>
        </div>
      )}
      {last && (
        <div class="soft small">
          <Moment atMs={last.atMs} text={formatAgo(last.atMs, nowMs)} />, {formatDurationMs(last.durationMs)}
          {last.traceId !== '' && (
            <>
              , <a href={`/trace/${last.traceId}`}>trace</a>
            </>
          )}
        </div>
      )}
      {phases.length > 0 && <div class="soft small">{phasesInWords(phases)}</div>}
    </>
  );
}

/** Who says what, where there is more than one location to say it. */
export function WhoSaysWhat({ monitor: { locations, silentAt, unknownAt } }: { readonly monitor: MonitorView }) {
  if (locations.length < 2) return null;
  const saying = (state: string): readonly string[] =>
    locations.filter((one) => !one.isSilent && one.state === state).map(({ name }) => name);
  const told = (
    [
      ['down at', saying('down')],
      ['degraded at', saying('degraded')],
      ['up at', saying('up')],
      ['unknown at', unknownAt],
      ['silent:', silentAt],
    ] as const
  ).filter(([, names]) => names.length > 0);
  return (
    <div class="soft small">
      {told.map(([words, names], index) => (
        <span key={words}>
          {index > 0 && ' · '}
          {words} <bdi>{names.join(', ')}</bdi>
        </span>
      ))}
    </div>
  );
}

/** The last runs as bars, newest at the right; each opens its trace. */
export function RecentRuns({ runs }: { readonly runs: readonly ProbeRun[] }) {
  if (runs.length === 0) return null;
  const down = runs.filter(({ outcome }) => outcome === 'down').length;
  return <Bars bars={runs.map(barOf)} slots={RECENT_RUNS} label={`${runs.length} runs, ${down} down`} />;
}

function barOf({ atMs, outcome, durationMs, traceId }: ProbeRun): Bar {
  return {
    tone: outcome,
    title: `${new Date(atMs).toLocaleString()}: ${outcome}, ${formatDurationMs(durationMs)}`,
    href: traceId === '' ? undefined : `/trace/${traceId}`,
  };
}

function phasesInWords(phases: MonitorView['phases']): string {
  // Breaks between phases only, not between a number and its unit.
  return phases
    .map(({ phase, durationMs }) => `${phase} ${formatDurationMs(durationMs)}`.replaceAll(' ', '\u00a0'))
    .join(' · ');
}

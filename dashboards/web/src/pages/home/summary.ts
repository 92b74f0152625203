import type { MonitorState, MonitorView } from '../../../../src/overview/monitor-types.ts';
import type { Overview } from '../../../../src/overview/overview-types.ts';
import { formatCount } from '../../../../src/html/format.ts';
import type { Tone } from '../../parts/state-badge.tsx';

export interface Summary {
  readonly tone: Tone;
  readonly text: string;
}

/** Is everything all right, in one sentence. What cannot be seen is never called well. */
export function summarize({ monitors, alerts }: Pick<Overview, 'monitors' | 'alerts'>): Summary {
  const firing = alerts.status === 'ok' ? alerts.value.filter(({ state }) => state !== 'suppressed').length : 0;
  const firingText = firing > 0 ? `${formatCount(firing, 'alert')} firing` : undefined;
  if (monitors.status !== 'ok') {
    const rest = firingText === undefined ? '' : `; ${firingText}`;
    return { tone: firing > 0 ? 'down' : 'unknown', text: `The state of the monitors cannot be seen${rest}` };
  }
  const states = monitors.value;
  const of = (count: number): string => `${count} of ${formatCount(states.length, 'monitor')}`;
  const muted = states.filter(({ mutedBy }) => mutedBy !== '');
  const watched = states.filter(({ mutedBy }) => mutedBy === '');
  const down = inState(watched, 'down');
  const degraded = inState(watched, 'degraded');
  const blind = watched.length - down - degraded - inState(watched, 'up');
  if (down > 0 || firing > 0) {
    const text = [down > 0 && `${of(down)} down`, firingText];
    return { tone: 'down', text: text.filter((part) => typeof part === 'string').join(', ') };
  }
  if (alerts.status !== 'ok') {
    const rest = states.length === 0 ? 'configured' : 'down';
    return { tone: 'unknown', text: `Alerting does not answer; no monitor is ${rest}` };
  }
  if (blind > 0) return { tone: 'unknown', text: `${of(blind)} without a clear result` };
  if (degraded > 0) return { tone: 'degraded', text: `${of(degraded)} degraded` };
  if (muted.length > 0) return { tone: 'off', text: `${of(muted.length)} muted, none of the others down` };
  if (states.length === 0) return { tone: 'off', text: 'Nothing is firing; no monitor is configured' };
  return { tone: 'up', text: states.length === 1 ? 'The monitor is up' : `All ${states.length} monitors are up` };
}

function inState(monitors: readonly MonitorView[], state: MonitorState): number {
  return monitors.filter((monitor) => monitor.state === state).length;
}

import { formatCount } from '../html/format.ts';
import { html } from '../html/html.ts';
import type { MonitorState, MonitorView } from '../overview/monitors.ts';
import type { Overview } from '../overview/overview.ts';
import { renderAlerts } from './alerts.ts';
import { renderPage } from './layout.ts';
import { renderMonitors } from './monitors.ts';
import { renderSend } from './send.ts';
import { renderServices } from './services.ts';

const REFRESH_SECONDS = 10;

/** The first page: is everything all right, and where to look if not. */
export function renderHome(overview: Overview): string {
  const { grafana, clickhouse, alerts } = overview.links;
  const nav = [
    ...(grafana === undefined ? [] : [{ text: 'Grafana', href: grafana }]),
    { text: 'ClickHouse', href: clickhouse },
    { text: 'Alerts API', href: alerts },
    { text: 'JSON', href: '/api/v1/overview' },
  ];
  const summary = summarize(overview);
  const body = html` <section class="banner ${summary.tone}">
      <h1>${summary.text}</h1>
    </section>
    ${renderAlerts(overview.alerts, overview.atMs)} ${renderMonitors(overview.monitors, overview.atMs)}
    ${renderServices(overview.services, overview.atMs)} ${renderSend(overview.send)}`;
  return renderPage({
    title: `${summary.text} · Tocsin`,
    refreshSeconds: REFRESH_SECONDS,
    body,
    atMs: overview.atMs,
    nav,
  });
}

interface Summary {
  readonly tone: 'up' | 'degraded' | 'down' | 'unknown' | 'off';
  readonly text: string;
}

/** The page in one sentence. What cannot be seen is never called well. */
export function summarize({ monitors, alerts }: Overview): Summary {
  const firing = alerts.status === 'ok' ? alerts.value.filter(({ state }) => state !== 'suppressed').length : 0;
  const firingText = firing > 0 ? `${formatCount(firing, 'alert')} firing` : undefined;
  if (monitors.status !== 'ok') {
    const rest = firingText === undefined ? '' : `; ${firingText}`;
    return { tone: firing > 0 ? 'down' : 'unknown', text: `The state of the monitors cannot be seen${rest}` };
  }
  const states = monitors.value;
  const muted = states.filter(({ mutedBy }) => mutedBy !== '');
  const watched = states.filter(({ mutedBy }) => mutedBy === '');
  const down = inState(watched, 'down');
  const degraded = inState(watched, 'degraded');
  const blind = watched.length - down - degraded - inState(watched, 'up');
  if (down > 0 || firing > 0) {
    const text = [down > 0 && `${down} of ${formatCount(states.length, 'monitor')} down`, firingText];
    return { tone: 'down', text: text.filter((part) => typeof part === 'string').join(', ') };
  }
  if (alerts.status !== 'ok') {
    const rest = states.length === 0 ? 'configured' : 'down';
    return { tone: 'unknown', text: `Alerting does not answer; no monitor is ${rest}` };
  }
  if (blind > 0)
    return { tone: 'unknown', text: `${blind} of ${formatCount(states.length, 'monitor')} without a clear result` };
  if (degraded > 0)
    return { tone: 'degraded', text: `${degraded} of ${formatCount(states.length, 'monitor')} degraded` };
  if (muted.length > 0)
    return {
      tone: 'off',
      text: `${muted.length} of ${formatCount(states.length, 'monitor')} muted, none of the others down`,
    };
  if (states.length === 0) return { tone: 'off', text: 'Nothing is firing; no monitor is configured' };
  return { tone: 'up', text: states.length === 1 ? 'The monitor is up' : `All ${states.length} monitors are up` };
}

function inState(monitors: readonly MonitorView[], state: MonitorState): number {
  return monitors.filter((monitor) => monitor.state === state).length;
}

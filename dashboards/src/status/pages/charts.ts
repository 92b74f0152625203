import { formatDurationMs, formatShare } from '../../html/format.ts';
import { html, type Html } from '../../html/html.ts';
import type { HourTimes } from '../../queries/status-rows.ts';
import type { DayView, PublicMonitor } from '../view.ts';
import { formatDay, STATE_WORDS } from './words.ts';

const BAR = { step: 6, width: 4.5, height: 36 } as const;
/** What is bad is tall and what is not known low, for those who do not see the colours. */
const TALL = { up: 26, degraded: 31, down: 36, maintenance: 18, unknown: 10 } as const;

/** One bar a day, today at the right. */
export function renderBars({ name, days, uptime90d }: PublicMonitor): Html {
  const bad = days.filter(({ state }) => state === 'down').length;
  const poor = days.filter(({ state }) => state === 'degraded').length;
  const label = `${name}, the last ${days.length} days: ${
    uptime90d === undefined ? 'no results' : `${formatShare(uptime90d)} up`
  }, ${bad} days down for long, ${poor} days with trouble`;
  return html`<svg
    class="bars"
    viewBox="0 0 ${days.length * BAR.step - (BAR.step - BAR.width)} ${BAR.height}"
    preserveAspectRatio="none"
    role="img"
    aria-label="${label}"
  >
    ${days.map(({ atMs, state, uptime }, index) => {
      const height = TALL[state];
      const x = index * BAR.step;
      const y = BAR.height - height;
      return html`<rect class="${state}" x="${x}" y="${y}" width="${BAR.width}" height="${height}"
        ><title>${describeDay({ atMs, state, uptime })}</title></rect
      >`;
    })}
  </svg>`;
}

function describeDay({ atMs, state, uptime }: DayView): string {
  return `${formatDay(atMs)}: ${uptime === undefined ? STATE_WORDS[state].toLowerCase() : `${formatShare(uptime)} up`}`;
}

/** Drawn in these units and stretched to the page; what is written stands beside it, so it can be read on a phone. */
const CHART = { width: 1_000, height: 100 } as const;
const HOUR_S = 3_600;

/** Response times of the hours, p50 and p95. @param nowMs the right edge */
export function renderChart({ name, hours }: PublicMonitor, hoursShown: number, nowMs: number): Html | undefined {
  const last = hours.at(-1);
  if (!last) return undefined;
  const endS = (Math.floor(nowMs / 1_000 / HOUR_S) + 1) * HOUR_S;
  const startS = endS - hoursShown * HOUR_S;
  const top = niceCeiling(Math.max(...hours.map(([, , p95]) => p95), 0.001));
  const x = (atS: number): number => ((atS - startS) / (endS - startS)) * CHART.width;
  const y = (ms: number): number => CHART.height - (ms / top) * CHART.height;
  const days = Array.from({ length: hoursShown / 24 + 1 }, (_, index) => (Math.ceil(startS / 86_400) + index) * 86_400);
  const grid = [
    ...[0, 50, 100].map((height) => `M0 ${height}H${CHART.width}`),
    ...days.filter((atS) => atS < endS).map((atS) => `M${rounded(x(atS))} 0V${CHART.height}`),
  ].join('');
  const label = `Response times of ${name} in the last seven days, up to ${formatDurationMs(top)}; in the last hour half of them within ${formatDurationMs(last[1])}, 95 % within ${formatDurationMs(last[2])}`;
  return html`<p class="soft top">${formatDurationMs(top)}</p>
    <svg
      class="chart"
      viewBox="0 0 ${CHART.width} ${CHART.height}"
      preserveAspectRatio="none"
      role="img"
      aria-label="${label}"
      fill="none"
    >
      <path class="grid" d="${grid}" />
      <path class="p95" d="${lineOf(hours, 2, x, y)}" stroke-dasharray="5 3" />
      <path class="p50" d="${lineOf(hours, 1, x, y)}" />
    </svg>
    <div class="scale soft"><span>${formatDay(startS * 1_000)}</span><span>Now</span></div>`;
}

/** A line that breaks where an hour has no result; an hour by itself is a short stroke. */
function lineOf(
  hours: readonly HourTimes[],
  column: 1 | 2,
  x: (atS: number) => number,
  y: (ms: number) => number,
): string {
  let before = -Infinity;
  return hours
    .map((hour) => {
      const [atS] = hour;
      const isNext = atS - before === HOUR_S;
      before = atS;
      const [centre, height] = [rounded(x(atS + HOUR_S / 2)), rounded(y(hour[column]))];
      return isNext ? `L${centre} ${height}` : `M${centre} ${height}h1`;
    })
    .join('');
}

function rounded(value: number): number {
  return Math.round(value * 10) / 10;
}

/** 1, 2 or 5 of a power of ten, at least the value. */
export function niceCeiling(value: number): number {
  const power = 10 ** Math.floor(Math.log10(value));
  return ([1, 2, 5, 10].find((step) => step * power >= value) ?? 10) * power;
}

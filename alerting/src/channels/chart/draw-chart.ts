import { MIN_POINTS, type SeriesUnit } from '../../rules/chart/series.ts';
import type { Point } from './chart.ts';
import { ADVANCE, STROKES } from './stroke-font-table.ts';

/** What a chart shows. */
export interface ChartOptions {
  readonly points: readonly Point[];
  /** Drawn as a dashed line where there is one. */
  readonly threshold?: number | undefined;
  /** When the alert began, Unix milliseconds: a mark on the time axis. */
  readonly sinceMs?: number | undefined;
  readonly tone: 'page' | 'ticket' | 'resolved';
  readonly unit?: SeriesUnit | undefined;
}

const WIDTH = 600;
const HEIGHT = 180;
const PLOT = { left: 88, top: 16, right: 584, bottom: 144 };
/** In pixels; a telephone shows the picture at half its size. */
const TEXT_HEIGHT = 14;
const COLORS = { page: '#c62828', ticket: '#b26a00', resolved: '#2e7d32' } as const;
const GRID = '#dfe1e5';
const INK = '#555555';
const BAD = '#fbdcdc';
const UNITS = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/**
 * Draws a line of values as SVG without text elements; `undefined` where there is too little to see. Where no value is known the line has a gap, and what was
 * bad has a red ground. Times are UTC.
 */
export function drawChart({ points, threshold, sinceMs, tone, unit = 'number' }: ChartOptions): string | undefined {
  const first = points[0];
  const last = points.at(-1);
  const known = points.filter(({ value }) => Number.isFinite(value));
  if (known.length < MIN_POINTS || !first || !last || last.timeMs <= first.timeMs) return undefined;
  const values = [...known.map(({ value }) => value), ...(threshold === undefined ? [] : [threshold])];
  const [low, high] = rangeOf(Math.min(...values), Math.max(...values));
  const x = (timeMs: number): number =>
    PLOT.left + ((timeMs - first.timeMs) / (last.timeMs - first.timeMs)) * (PLOT.right - PLOT.left);
  const y = (value: number): number => PLOT.bottom - ((value - low) / (high - low)) * (PLOT.bottom - PLOT.top);
  const levels = [low, (low + high) / 2, high];
  const times = [first.timeMs, (first.timeMs + last.timeMs) / 2, last.timeMs];
  const began = sinceMs !== undefined && sinceMs > first.timeMs && sinceMs < last.timeMs ? x(sinceMs) : undefined;
  const end = known.at(-1);
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    ...badGrounds(points, x),
    ...levels.map((level) => path(`M${PLOT.left} ${round(y(level))}H${PLOT.right}`, GRID, 1)),
    ...levels.map((level) => write(formatValue(level, unit), PLOT.left - 8, y(level) - TEXT_HEIGHT / 2, 'end')),
    ...times.map((timeMs, at) =>
      write(
        formatClock(timeMs) + (at === times.length - 1 ? ' UTC' : ''),
        x(timeMs),
        PLOT.bottom + 12,
        ALIGN[at] ?? 'middle',
      ),
    ),
    began === undefined ? '' : path(`M${round(began)} ${PLOT.top}V${PLOT.bottom}`, INK, 1, '2 3'),
    threshold === undefined ? '' : path(`M${PLOT.left} ${round(y(threshold))}H${PLOT.right}`, COLORS.page, 1.5, '6 4'),
    path(lineOf(points, x, y), COLORS[tone], 2.5),
    end === undefined
      ? ''
      : `<circle cx="${round(x(end.timeMs))}" cy="${round(y(end.value))}" r="4" fill="${COLORS[tone]}"/>`,
    '</svg>',
  ].join('');
}

/** A value alone between two gaps is a dot. */
function lineOf(points: readonly Point[], x: (timeMs: number) => number, y: (value: number) => number): string {
  let isOpen = false;
  const parts = points.map(({ timeMs, value }) => {
    if (!Number.isFinite(value)) {
      isOpen = false;
      return '';
    }
    const at = `${round(x(timeMs))} ${round(y(value))}`;
    const part = isOpen ? `L${at}` : `M${at}h.1`;
    isOpen = true;
    return part;
  });
  return parts.join('');
}

/** From a bad point to the next. */
function badGrounds(points: readonly Point[], x: (timeMs: number) => number): string[] {
  return points.flatMap(({ timeMs, isBad }, at) => {
    if (isBad !== true) return [];
    const left = Math.min(x(timeMs), PLOT.right - 3);
    const right = Math.max(x(points[at + 1]?.timeMs ?? timeMs), left + 3);
    return [
      `<rect x="${round(left)}" y="${PLOT.top}" width="${round(right - left)}" height="${PLOT.bottom - PLOT.top}" fill="${BAD}"/>`,
    ];
  });
}

const ALIGN = ['start', 'middle', 'end'] as const;

/** A little room above and below; a flat line runs through the middle. */
function rangeOf(low: number, high: number): readonly [number, number] {
  const span = high - low || Math.abs(high) || 1;
  const bottom = low - span * 0.08;
  return [low >= 0 && bottom < 0 ? 0 : bottom, high + span * 0.08];
}

function path(d: string, color: string, width: number, dashes = ''): string {
  const dashed = dashes === '' ? '' : ` stroke-dasharray="${dashes}"`;
  return `<path d="${d}" fill="none" stroke="${color}" stroke-width="${width}" stroke-linejoin="round"${dashed}/>`;
}

/** Writes with strokes. @param alignment what `x` is of the text */
function write(text: string, x: number, y: number, alignment: 'start' | 'middle' | 'end'): string {
  const scale = TEXT_HEIGHT / 6;
  const width = (text.length * ADVANCE - (ADVANCE - 4)) * scale;
  const left = x - { start: 0, middle: width / 2, end: width }[alignment];
  const glyphs = text.split('').map((char, at) => {
    const strokes = STROKES[char];
    return strokes === undefined ? '' : `<path transform="translate(${round(at * ADVANCE)} 0)" d="${strokes}"/>`;
  });
  return `<g transform="translate(${round(left)} ${round(y)}) scale(${round(scale)})" fill="none" stroke="${INK}" stroke-width=".8" stroke-linecap="round" stroke-linejoin="round">${glyphs.join('')}</g>`;
}

/** At most four digits, as `0.372`, `12.5k`, `350ms` or `5%`. */
function formatValue(value: number, unit: SeriesUnit): string {
  if (unit === 'seconds' && Math.abs(value) < 1) return `${shortest(value * 1_000)}ms`;
  if (unit === 'ratio') return `${shortest(value * 100)}%`;
  const [size, sign] = UNITS.find(([least]) => Math.abs(value) >= least) ?? [1, ''];
  return `${shortest(value / size)}${sign}${unit === 'seconds' ? 's' : ''}`;
}

const shortest = (value: number): string => String(Number(value.toPrecision(3)));

const formatClock = (timeMs: number): string => new Date(timeMs).toISOString().slice(11, 16);

const round = (value: number): number => Math.round(value * 100) / 100;

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
}

/** Fewer points than this say nothing. */
export const MIN_POINTS = 3;

const WIDTH = 600;
const HEIGHT = 180;
const PLOT = { left: 88, top: 16, right: 584, bottom: 144 };
/** In pixels; a telephone shows the picture at half its size. */
const TEXT_HEIGHT = 14;
const COLORS = { page: '#c62828', ticket: '#b26a00', resolved: '#2e7d32' } as const;
const GRID = '#dfe1e5';
const INK = '#555555';
const UNITS = [
  [1e12, 'T'],
  [1e9, 'G'],
  [1e6, 'M'],
  [1e3, 'k'],
] as const;

/** Draws a line of values as SVG without text elements; `undefined` where there is too little to see. Times are UTC. */
export function drawChart({ points, threshold, sinceMs, tone }: ChartOptions): string | undefined {
  const first = points[0];
  const last = points.at(-1);
  if (points.length < MIN_POINTS || !first || !last || last.timeMs <= first.timeMs) return undefined;
  const values = [...points.map(({ value }) => value), ...(threshold === undefined ? [] : [threshold])];
  const [low, high] = rangeOf(Math.min(...values), Math.max(...values));
  const x = (timeMs: number): number =>
    PLOT.left + ((timeMs - first.timeMs) / (last.timeMs - first.timeMs)) * (PLOT.right - PLOT.left);
  const y = (value: number): number => PLOT.bottom - ((value - low) / (high - low)) * (PLOT.bottom - PLOT.top);
  const line = points.map(({ timeMs, value }, at) => `${at === 0 ? 'M' : 'L'}${round(x(timeMs))} ${round(y(value))}`);
  const levels = [low, (low + high) / 2, high];
  const times = [first.timeMs, (first.timeMs + last.timeMs) / 2, last.timeMs];
  const began = sinceMs !== undefined && sinceMs > first.timeMs && sinceMs < last.timeMs ? x(sinceMs) : undefined;
  return [
    `<svg xmlns="http://www.w3.org/2000/svg" width="${WIDTH}" height="${HEIGHT}" viewBox="0 0 ${WIDTH} ${HEIGHT}">`,
    `<rect width="${WIDTH}" height="${HEIGHT}" fill="#ffffff"/>`,
    ...levels.map((level) => path(`M${PLOT.left} ${round(y(level))}H${PLOT.right}`, GRID, 1)),
    ...levels.map((level) => write(formatValue(level), PLOT.left - 8, y(level) - TEXT_HEIGHT / 2, 'end')),
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
    path(line.join(''), COLORS[tone], 2.5),
    `<circle cx="${round(x(last.timeMs))}" cy="${round(y(last.value))}" r="4" fill="${COLORS[tone]}"/>`,
    '</svg>',
  ].join('');
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

/** At most four digits, as `0.372` or `12.5k`. */
function formatValue(value: number): string {
  const [size, unit] = UNITS.find(([least]) => Math.abs(value) >= least) ?? [1, ''];
  return `${Number((value / size).toPrecision(3))}${unit}`;
}

const formatClock = (timeMs: number): string => new Date(timeMs).toISOString().slice(11, 16);

const round = (value: number): number => Math.round(value * 100) / 100;

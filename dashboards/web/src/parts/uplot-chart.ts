import Plot from 'uplot';
import 'uplot/dist/uPlot.min.css';
import { formatMoment } from '../words/moment.ts';
import type { TimeChartProps } from './time-chart.tsx';

/** A chart on the page. */
export interface DrawnChart {
  update(props: TimeChartProps): void;
  stop(): void;
}

export interface DrawOptions {
  readonly timeZone: string;
  /** The place in `timesMs` that is pointed at. */
  readonly onPoint: (index: number | undefined) => void;
  readonly onChoose: (fromMs: number, toMs: number) => void;
}

const DAY_MS = 86_400_000;

/** Draws a chart into an element and follows its width. */
export function drawChart(element: HTMLElement, first: TimeChartProps, options: DrawOptions): DrawnChart {
  let props = first;
  const plot = new Plot(
    { ...optionsOf(element, () => props, options), width: Math.max(element.clientWidth, 50) },
    dataOf(props),
    element,
  );
  const watcher = new ResizeObserver(() =>
    plot.setSize({ width: Math.max(element.clientWidth, 50), height: plot.height }),
  );
  watcher.observe(element);
  return {
    update: (next) => {
      if (next.timesMs === props.timesMs && next.series === props.series && next.window === props.window) return;
      props = next;
      plot.setData(dataOf(props));
    },
    stop: () => {
      watcher.disconnect();
      plot.destroy();
    },
  };
}

function dataOf({ timesMs, series }: TimeChartProps): Plot.AlignedData {
  return [timesMs.map((atMs) => atMs / 1_000), ...series.map(({ values }) => [...values])];
}

function optionsOf(
  element: HTMLElement,
  props: () => TimeChartProps,
  { timeZone, onPoint, onChoose }: DrawOptions,
): Omit<Plot.Options, 'width'> {
  const colours = getComputedStyle(element);
  const colour = (name: string): string => colours.getPropertyValue(`--${name}`).trim();
  const axis = {
    stroke: colour('soft'),
    font: '11px system-ui, sans-serif',
    grid: { stroke: colour('line'), width: 1 },
    ticks: { stroke: colour('line'), width: 1, size: 4 },
  };
  const { group, heightPx = 180, shape = 'lines' } = props();
  return {
    height: heightPx,
    padding: [8, 18, 0, 0],
    legend: { show: false },
    cursor: {
      y: false,
      points: { size: 5 },
      drag: { x: true, y: false, setScale: false },
      ...(group !== undefined && { sync: { key: group } }),
    },
    scales: {
      x: { time: true, range: () => [props().window.fromMs / 1_000, props().window.toMs / 1_000] },
      y: { range: (_plot, _min, max) => [0, topOf(max, props().threshold)] },
    },
    axes: [
      {
        ...axis,
        size: 28,
        space: 80,
        values: (_plot, at) =>
          writeTimes(
            at.map((s) => s * 1_000),
            props().window,
            timeZone,
          ),
      },
      { ...axis, size: 58, values: (_plot, at) => at.map((value) => props().format(value)) },
    ],
    series: [
      {},
      ...props().series.map(({ name, colour: own, isArea }, index) => {
        const stroke = colour(own === 'down' ? 'tick-down' : `s${own ?? (index % 8) + 1}`);
        return {
          label: name,
          stroke,
          width: isArea === 'solid' ? 0 : 1.5,
          // A point without neighbours would be no line at all.
          points: { show: true, size: 4, filter: (plot: Plot, place: number) => lonelyPoints(plot.data[place] ?? []) },
          ...(isArea && { fill: isArea === 'solid' ? stroke : `${stroke}33` }),
          ...(shape === 'bars' && {
            paths: Plot.paths.bars?.({ size: [0.9, Infinity], align: 1 }),
            points: { show: false },
          }),
        } as Plot.Series;
      }),
    ],
    hooks: {
      setCursor: [(plot) => onPoint(plot.cursor.idx ?? undefined)],
      setSelect: [
        (plot) => {
          const { left, width } = plot.select;
          if (width < 4) return;
          const [from, to] = [left, left + width].map((at) => plot.posToVal(at, 'x') * 1_000);
          plot.setSelect({ left: 0, top: 0, width: 0, height: 0 }, false);
          if (from !== undefined && to !== undefined) onChoose(Math.floor(from), Math.ceil(to));
        },
      ],
      draw: [(plot) => drawLines(plot, props(), colour)],
    },
  };
}

/** The places of values between gaps. Pure. */
function lonelyPoints(values: ArrayLike<number | null | undefined>): number[] {
  const has = (index: number): boolean => values[index] !== null && values[index] !== undefined;
  return Array.from({ length: values.length }, (_, index) => index).filter(
    (index) => has(index) && !has(index - 1) && !has(index + 1),
  );
}

/** Room above the largest value, and for the threshold. */
function topOf(max: number | null, threshold: number | undefined): number {
  const largest = Math.max(max ?? 0, threshold ?? 0);
  return largest > 0 ? largest * 1.08 : 1;
}

function writeTimes(
  timesMs: readonly number[],
  { fromMs, toMs }: TimeChartProps['window'],
  timeZone: string,
): string[] {
  const isLong = toMs - fromMs > 2 * DAY_MS;
  const isShort = toMs - fromMs < 300_000;
  return timesMs.map((atMs) => {
    const text = formatMoment(atMs, timeZone);
    if (isLong) return text.slice(11, 16) === '00:00' ? text.slice(5, 10) : text.slice(5, 16);
    return text.slice(11, isShort ? 19 : 16);
  });
}

function drawLines(
  plot: Plot,
  { threshold, marks = [], window }: TimeChartProps,
  colour: (name: string) => string,
): void {
  const { ctx, bbox } = plot;
  ctx.save();
  ctx.lineWidth = devicePixelRatio;
  ctx.setLineDash([4 * devicePixelRatio, 3 * devicePixelRatio]);
  if (threshold !== undefined) {
    const y = plot.valToPos(threshold, 'y', true);
    ctx.strokeStyle = colour('down');
    line(ctx, bbox.left, y, bbox.left + bbox.width, y);
  }
  for (const { atMs, tone } of marks) {
    if (atMs < window.fromMs || atMs > window.toMs) continue;
    const x = plot.valToPos(atMs / 1_000, 'x', true);
    ctx.strokeStyle = colour(tone === 'down' ? 'down' : 'soft');
    line(ctx, x, bbox.top, x, bbox.top + bbox.height);
  }
  ctx.restore();
}

function line(ctx: CanvasRenderingContext2D, x1: number, y1: number, x2: number, y2: number): void {
  ctx.beginPath();
  ctx.moveTo(x1, y1);
  ctx.lineTo(x2, y2);
  ctx.stroke();
}

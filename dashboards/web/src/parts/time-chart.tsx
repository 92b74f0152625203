import { useEffect, useRef, useState } from 'preact/hooks';
import type { TimeWindow } from '../state/time-range.ts';
import { writeRange } from '../state/time-range.ts';
import { setQuery } from '../state/url.ts';
import { refresh } from '../state/clock.ts';
import { theme } from '../state/settings.ts';
import { loadChart } from './load-chart.ts';
import { currentZone } from './moment.tsx';
import { Notice } from './notices.tsx';
import type { DrawnChart, drawChart } from './uplot-chart.ts';

/** A line of a chart. */
export interface ChartSeries {
  readonly name: string;
  /** One for each time; `null` is a gap. */
  readonly values: readonly (number | null)[];
  /** 1 to 8, of the colours in `style/tokens.css`; by default its place. `down` is the colour of errors. */
  readonly colour?: number | 'down';
  /** Filled down to zero; `solid` hides what is beneath it: for lines that stand on each other, the topmost first. */
  readonly isArea?: boolean | 'solid';
  /** What the legend says, where that is not `values`: of a line that stands on others its own part. */
  readonly shown?: readonly (number | null)[];
}

/** Something that happened: a deployment, an alert. Drawn as an upright line. */
export interface ChartMark {
  readonly atMs: number;
  readonly text: string;
  readonly tone?: 'down' | 'off';
}

export interface TimeChartProps {
  /** In words, for who does not see it. */
  readonly label: string;
  /** Unix ms, rising. */
  readonly timesMs: readonly number[];
  readonly series: readonly ChartSeries[];
  readonly window: TimeWindow;
  /** How values are written, at the axis and in the legend. */
  readonly format: (value: number) => string;
  /** A line across, as what an alert fires at. */
  readonly threshold?: number | undefined;
  readonly marks?: readonly ChartMark[];
  /** Charts of one group show their cursor at the same time. */
  readonly group?: string;
  readonly heightPx?: number;
  /** `bars` stand on the step that begins at their time; by default lines. */
  readonly shape?: 'lines' | 'bars';
}

/**
 * Lines over time, drawn by uPlot, which is loaded with the first chart. Dragging across chooses that time for the whole page. The values
 * under the cursor, or the last ones, stand in the legend.
 */
export function TimeChart(props: TimeChartProps) {
  const { label, series, format, heightPx = 180 } = props;
  const box = useRef<HTMLDivElement>(null);
  const chart = useRef<DrawnChart>(undefined);
  const [draw, setDraw] = useState<{ readonly chart: typeof drawChart }>();
  const [isBroken, setBroken] = useState(false);
  const [pointed, setPointed] = useState<number>();
  const look = `${theme.value} ${currentZone()} ${series.map(({ name }) => name).join('\n')}`;
  useEffect(() => {
    loadChart().then(
      (chart) => setDraw({ chart }),
      () => setBroken(true),
    );
  }, []);
  useEffect(() => {
    if (!draw || !box.current) return undefined;
    const drawn = draw.chart(box.current, props, {
      timeZone: currentZone(),
      onPoint: setPointed,
      onChoose: (fromMs, toMs) => {
        setQuery(writeRange({ kind: 'fixed', fromMs, toMs }));
        refresh();
      },
    });
    chart.current = drawn;
    return () => drawn.stop();
  }, [draw, look, heightPx]);
  useEffect(() => chart.current?.update(props));
  return (
    <figure class="chart" aria-label={label}>
      <div class="chart-box" ref={box} style={{ height: `${heightPx}px` }} />
      {isBroken && <Notice>The chart could not be loaded. Load the page anew.</Notice>}
      <figcaption>
        {series.map(({ name, values, shown = values, colour }, index) => {
          const value = pointed === undefined ? atRest(shown, props.shape) : shown[pointed];
          return (
            <span key={name} class={`key s-${colour ?? (index % 8) + 1}`}>
              <bdi>{name}</bdi> <b>{value === undefined || value === null ? '–' : format(value)}</b>
            </span>
          );
        })}
      </figcaption>
    </figure>
  );
}

/** What a legend says while nobody points: the last value of a line, the sum of bars. */
function atRest(values: readonly (number | null)[], shape: TimeChartProps['shape']): number | null | undefined {
  return shape === 'bars'
    ? values.reduce<number>((sum, value) => sum + (value ?? 0), 0)
    : values.findLast((value) => value !== null);
}

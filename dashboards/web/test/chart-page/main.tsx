import { render } from 'preact';
import '../../src/style/tokens.css';
import '../../src/style/base.css';
import '../../src/style/parts.css';
import { TimeChart } from '../../src/parts/time-chart.tsx';
import { startUrl } from '../../src/state/url.ts';

/* A page with one chart and nothing else, for the test of charts. */
const FROM_MS = Date.UTC(2026, 10, 22, 18);
const TIMES_MS = Array.from({ length: 61 }, (_, index) => FROM_MS + index * 60_000);
const SERIES = [
  {
    name: 'shop',
    values: TIMES_MS.map((_, index) => ([6, 7, 9, 27].includes(index) ? null : 50 + 40 * Math.sin(index / 8))),
  },
  { name: '<b>errors</b>', colour: 'down', isArea: true, values: TIMES_MS.map((_, index) => (index > 40 ? 20 : 0)) },
] as const;

startUrl();
render(
  <>
    <h1>Chart</h1>
    <TimeChart
      label="Requests a second"
      timesMs={TIMES_MS}
      series={SERIES}
      window={{ fromMs: FROM_MS, toMs: FROM_MS + 3_600_000 }}
      format={(value) => `${Math.round(value)}/s`}
      threshold={70}
      marks={[{ atMs: FROM_MS + 1_200_000, text: 'deployed 1.4.1' }]}
    />
  </>,
  document.getElementById('app') ?? document.body,
);

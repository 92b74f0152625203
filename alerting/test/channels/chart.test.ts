import { describe, expect, test } from 'vitest';
import type { AlertSink } from '../../src/alert.ts';
import { drawChart } from '../../src/channels/chart/draw-chart.ts';
import { type ChartOutcome, createChartPictures } from '../../src/channels/chart/chart-pictures.ts';
import { STROKES } from '../../src/channels/chart/stroke-font-table.ts';
import { createValueHistory } from '../../src/channels/chart/value-history.ts';
import type { StoredSeries } from '../../src/rules/chart/series.ts';
import { picturesOf, risingPoints, sampleAlert, sampleNotification, SINCE_MS } from './sample.ts';

const series = (count: number, value: (at: number) => number) =>
  Array.from({ length: count }, (_, at) => ({ timeMs: SINCE_MS + at * 60_000, value: value(at) }));

describe('a chart', () => {
  test('shows the line, the threshold and the beginning', () => {
    const points = series(30, (at) => at / 10);
    const svg = drawChart({ points, threshold: 1.5, sinceMs: SINCE_MS + 600_000, tone: 'page' });
    expect(svg).toMatch(/^<svg [^>]+>.*<\/svg>$/);
    expect(svg).toContain('stroke-dasharray="6 4"');
    expect(svg).toContain('stroke-dasharray="2 3"');
    expect(svg).toContain('stroke="#c62828" stroke-width="2.5"');
    expect(svg).not.toMatch(/NaN|Infinity|<text|<image|href/);
  });

  test.each([
    ['flat', () => 5],
    ['zero', () => 0],
    ['negative', (at: number) => -at],
    ['huge', (at: number) => at * 1e15],
    ['tiny', (at: number) => at * 1e-9],
  ])('of values that are %s has numbers only', (_name, value) => {
    const svg = drawChart({ points: series(10, value), tone: 'ticket' });
    expect(svg).not.toMatch(/NaN|Infinity/);
  });

  test('is none with fewer than three values, or at one moment', () => {
    expect(drawChart({ points: series(2, () => 1), tone: 'page' })).toBeUndefined();
    const still = series(5, () => 1).map(({ value }) => ({ timeMs: SINCE_MS, value }));
    expect(drawChart({ points: still, tone: 'page' })).toBeUndefined();
  });

  test('has strokes for everything it writes', () => {
    for (const char of '0123456789.-:+ekmsMGTUC%') expect(STROKES).toHaveProperty([char]);
  });

  test('becomes a PNG', async () => {
    const picture = await picturesOf(series(20, (at) => at % 7)).pictureOf(sampleNotification());
    expect(Buffer.from(picture!.png.subarray(0, 8)).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
    // Width and height of the header: twice the size it is shown at. Source: PNG, 11.2.2.
    const header = Buffer.from(picture!.png.subarray(16, 24));
    expect([header.readUInt32BE(0), header.readUInt32BE(4)]).toEqual([1_200, 360]);
    expect(picture!.description).toContain('HighErrorRate');
  });

  test('is none where nothing is known of the alerts', async () => {
    expect(await picturesOf([]).pictureOf(sampleNotification())).toBeUndefined();
  });

  test('has a gap where no value is known, and a red ground where it was bad', () => {
    const points = series(10, (at) => (at === 5 ? Number.NaN : at)).map((point, at) => ({ ...point, isBad: at > 7 }));
    const svg = drawChart({ points, tone: 'page', unit: 'seconds' }) ?? '';
    expect(svg.match(/fill="#fbdcdc"/g)).toHaveLength(2);
    expect(/d="(M[^"]*)" fill="none" stroke="#c62828" stroke-width="2.5"/.exec(svg)?.[1]?.match(/M/g)).toHaveLength(2);
    expect(svg).not.toMatch(/NaN|Infinity/);
  });
});

describe('pictures', () => {
  const stored = (seriesOf: StoredSeries['seriesOf'], waitMs = 5_000) => {
    const outcomes: ChartOutcome[] = [];
    const clock = { nowMs: SINCE_MS };
    const pictures = createChartPictures({
      history: { valuesOf: () => risingPoints(9) },
      stored: { seriesOf },
      now: () => clock.nowMs,
      waitMs,
      count: (outcome) => outcomes.push(outcome),
    });
    return { pictures, outcomes, clock };
  };
  const about = (fingerprint: string) => sampleNotification({ firing: [{ ...sampleAlert(), fingerprint }] });

  test('are of stored data: the first message has one', async () => {
    const { pictures, outcomes } = stored(() => Promise.resolve({ points: risingPoints(30), title: 'Response time' }));
    expect(await pictures.pictureOf(sampleNotification())).toMatchObject({ description: 'Response time' });
    expect(outcomes).toEqual(['stored']);
  });

  test('are of what is remembered where stored data fails, comes too late or says nothing', async () => {
    const failing = stored(() => Promise.reject(new Error('no such column')));
    expect(await failing.pictures.pictureOf(sampleNotification())).toBeDefined();
    const empty = stored(() => Promise.resolve(undefined));
    expect(await empty.pictures.pictureOf(sampleNotification())).toBeDefined();
    const late = stored(() => new Promise(() => undefined), 20);
    expect(await late.pictures.pictureOf(about('a'))).toBeDefined();
    expect([...failing.outcomes, ...empty.outcomes, ...late.outcomes]).toEqual([
      'remembered',
      'remembered',
      'remembered',
    ]);
  });

  test('are not asked of a ClickHouse that was too slow, for half a minute', async () => {
    let asked = 0;
    const { pictures, clock } = stored(() => {
      asked += 1;
      return asked === 1 ? new Promise(() => undefined) : Promise.resolve({ points: risingPoints(30), title: 'late' });
    }, 20);
    await pictures.pictureOf(about('a'));
    await pictures.pictureOf(about('b'));
    expect(asked).toBe(1);
    clock.nowMs += 31_000;
    expect(await pictures.pictureOf(about('c'))).toMatchObject({ description: 'late' });
  });

  test('are made once for all channels of a message', async () => {
    let asked = 0;
    const { pictures } = stored(() => Promise.resolve({ points: risingPoints((asked += 1) + 10) }));
    const all = await Promise.all(Array.from({ length: 5 }, () => pictures.pictureOf(about('a'))));
    expect([asked, new Set(all).size]).toEqual([1, 1]);
  });

  test('are not made for each message of a storm, and what went without is counted', async () => {
    let asked = 0;
    const { pictures, outcomes, clock } = stored(() => Promise.resolve({ points: risingPoints((asked += 1) + 10) }));
    for (let at = 0; at < 3_000; at += 1) await pictures.pictureOf(about(`f${at}`));
    expect(asked).toBe(20);
    expect(outcomes.filter((outcome) => outcome === 'limited')).toHaveLength(2_980);
    clock.nowMs += 60_001;
    expect(await pictures.pictureOf(about('after'))).toBeDefined();
  });

  test('are none for a digest, nor where the rule wants none', async () => {
    const { pictures } = stored(() => Promise.resolve('no_chart'));
    expect(await pictures.pictureOf(sampleNotification())).toBeUndefined();
    const digest = stored(() => Promise.reject(new Error('asked')));
    expect(
      await digest.pictures.pictureOf(sampleNotification({ digest: { groupCount: 2, titles: [] } })),
    ).toBeUndefined();
    expect(digest.outcomes).toEqual([]);
  });
});

describe('the history of values', () => {
  const silent: AlertSink = { putAlerts: () => undefined };
  const push = (sink: AlertSink, nowMs: number, value: number | undefined, fingerprint = 'a') =>
    sink.putAlerts([{ ...sampleAlert(), fingerprint, value }], nowMs);

  test('keeps the last 240 of six hours, and passes everything on', () => {
    const history = createValueHistory();
    let passed = 0;
    const sink = history.listen({ putAlerts: () => (passed += 1) });
    for (let at = 0; at < 300; at += 1) push(sink, at * 1_000, at);
    expect(passed).toBe(300);
    expect(history.valuesOf('a')).toHaveLength(240);
    expect(history.valuesOf('a').at(-1)).toEqual({ timeMs: 299_000, value: 299 });
    push(sink, 7 * 3_600_000, 1);
    expect(history.valuesOf('a')).toEqual([{ timeMs: 7 * 3_600_000, value: 1 }]);
  });

  test('knows no value that is none', () => {
    const history = createValueHistory();
    push(history.listen(silent), 1, undefined);
    push(history.listen(silent), 2, Number.NaN);
    expect(history.valuesOf('a')).toEqual([]);
  });

  test('forgets what it heard of longest ago beyond 5,000 alerts', () => {
    const history = createValueHistory();
    const sink = history.listen(silent);
    for (let at = 0; at < 5_001; at += 1) push(sink, at, 1, `f${at}`);
    expect(history.valuesOf('f0')).toEqual([]);
    expect(history.valuesOf('f5000')).toHaveLength(1);
  });
});

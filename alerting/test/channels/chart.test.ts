import { describe, expect, test } from 'vitest';
import type { AlertSink } from '../../src/alert.ts';
import { drawChart } from '../../src/channels/chart/draw-chart.ts';
import { renderChart } from '../../src/channels/chart/render-chart.ts';
import { STROKES } from '../../src/channels/chart/stroke-font-table.ts';
import { createValueHistory } from '../../src/channels/chart/value-history.ts';
import { sampleAlert, sampleNotification, SINCE_MS } from './sample.ts';

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
    for (const char of '0123456789.-:+ekMGTUC') expect(STROKES).toHaveProperty([char]);
  });

  test('becomes a PNG', async () => {
    const charts = { valuesOf: () => series(20, (at) => at % 7) };
    const picture = await renderChart(sampleNotification(), charts);
    expect(Buffer.from(picture!.png.subarray(0, 8)).toString('latin1')).toBe('\x89PNG\r\n\x1a\n');
    // Width and height of the header: twice the size it is shown at. Source: PNG, 11.2.2.
    const header = Buffer.from(picture!.png.subarray(16, 24));
    expect([header.readUInt32BE(0), header.readUInt32BE(4)]).toEqual([1_200, 360]);
    expect(picture!.description).toContain('HighErrorRate');
  });

  test('is none where nothing is known of the alerts', async () => {
    expect(await renderChart(sampleNotification(), { valuesOf: () => [] })).toBeUndefined();
    expect(await renderChart(sampleNotification(), undefined)).toBeUndefined();
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

import type { Alert } from '../../alert.ts';
import type { Notification } from '../../notify/notification.ts';
import type { ChartPicture, ChartSize, Series } from './chart.ts';
import { drawChart } from './draw-chart.ts';

/** Pixels: of `full` twice as many as it is shown with. */
const WIDTHS = { full: 1_200, small: 480 } as const;

/** Draws a series of an alert as PNG; `undefined` where there is too little to see. */
export async function renderChart(
  series: Series,
  alert: Alert,
  status: Notification['status'],
  size: ChartSize,
): Promise<ChartPicture | undefined> {
  const tone = status === 'resolved' ? 'resolved' : alert.labels['severity'] === 'page' ? 'page' : 'ticket';
  const given = Number(alert.annotations['threshold'] ?? '');
  const threshold = alert.annotations['threshold'] !== undefined && Number.isFinite(given) ? given : series.threshold;
  const { points, title, unit } = series;
  const svg = drawChart({ points, threshold, sinceMs: alert.startsAtMs, tone, unit });
  if (svg === undefined) return undefined;
  const { Resvg } = await import('@resvg/resvg-js');
  const fitTo = { mode: 'width', value: WIDTHS[size] } as const;
  const png = new Resvg(svg, { fitTo, font: { loadSystemFonts: false } }).render().asPng();
  return { png, description: title ?? `The value of ${alert.labels['alertname'] ?? 'the alert'} over time` };
}

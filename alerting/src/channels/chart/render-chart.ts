import type { Notification } from '../../notify/notification.ts';
import type { ChartSource } from './chart.ts';
import { drawChart } from './draw-chart.ts';

/** A picture for a message. */
export interface ChartPicture {
  readonly png: Uint8Array;
  /** What it shows, for those who do not see it. */
  readonly description: string;
}

/** Draws the values of the first alert that has enough of them as PNG; `undefined` where none has. */
export async function renderChart(
  { firing, resolved, status }: Notification,
  source: ChartSource | undefined,
): Promise<ChartPicture | undefined> {
  for (const alert of source ? [...firing, ...resolved] : []) {
    const tone = status === 'resolved' ? 'resolved' : alert.labels['severity'] === 'page' ? 'page' : 'ticket';
    const given = Number(alert.annotations['threshold'] ?? '');
    const threshold = alert.annotations['threshold'] !== undefined && Number.isFinite(given) ? given : undefined;
    const points = source?.valuesOf(alert.fingerprint) ?? [];
    const svg = drawChart({ points, threshold, sinceMs: alert.startsAtMs, tone });
    if (svg === undefined) continue;
    const { Resvg } = await import('@resvg/resvg-js');
    const png = new Resvg(svg, { fitTo: { mode: 'width', value: 1_200 }, font: { loadSystemFonts: false } })
      .render()
      .asPng();
    return { png, description: `The value of ${alert.labels['alertname'] ?? 'the alert'} over time` };
  }
  return undefined;
}

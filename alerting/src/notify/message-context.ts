import { alertingPublicUrl, consoleUrl, type TocsinConfig } from '@tocsin/service/config';
import type { ChannelContext } from '../channels/channel.ts';
import type { ChartSource } from '../channels/chart/chart.ts';
import { type ChartOutcome, createChartPictures } from '../channels/chart/chart-pictures.ts';
import type { ThreadStore } from '../channels/thread-store.ts';
import { type ChartFiles, createChartFiles } from '../links/chart-files.ts';
import type { LinkActions } from '../links/link-routes.ts';
import type { LinkStore } from '../links/link-store.ts';
import { createMessageLinks } from '../links/message-links.ts';
import type { StoredSeries } from '../rules/chart/series.ts';
import { readDefinitions } from '../template/definitions.ts';

/** What messages are made with besides the notification. */
export interface MessageContextOptions {
  readonly links: LinkStore;
  readonly threads: ThreadStore;
  readonly history: ChartSource;
  readonly stored: StoredSeries | undefined;
  readonly linkActions: LinkActions | undefined;
  readonly acknowledgedBy: NonNullable<ChannelContext['acknowledgedBy']>;
  readonly countChart: (outcome: ChartOutcome) => void;
  readonly now: () => number;
}

/** Makes what channels are told. Pictures and their addresses outlive a reload. */
export function createMessageContext(options: MessageContextOptions): {
  readonly chartFiles: ChartFiles;
  contextOf(config: TocsinConfig): ChannelContext;
} {
  const { links, threads, history, stored, linkActions = {}, countChart: count, now, acknowledgedBy } = options;
  const charts = createChartPictures({ history, stored, now, count });
  let publicUrl = '';
  const chartFiles = createChartFiles(charts, links.key, () => publicUrl);
  return {
    chartFiles,
    contextOf(config) {
      publicUrl = alertingPublicUrl(config);
      return {
        consoleUrl: consoleUrl(config),
        definitions: readDefinitions(config.alerting.templates),
        links: createMessageLinks(links, publicUrl, linkActions),
        charts,
        ...(config.alerting.chartUrls ? { chartUrl: chartFiles.urlOf } : {}),
        acknowledgedBy,
        threads,
      };
    },
  };
}

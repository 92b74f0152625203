import { randomUUID } from 'node:crypto';
import { alertingPublicUrl, consoleUrl, type Receiver, type TocsinConfig } from '@tocsin/service/config';
import type { Logger } from '@tocsin/service/log';
import type { AlertSink } from '../alert.ts';
import { isReadByPeople, listChannels, type ListedChannel } from '../channels/registry.ts';
import { createThreadStore } from '../channels/thread-store.ts';
import { createValueHistory } from '../channels/chart/value-history.ts';
import type { LinkActions } from '../links/link-routes.ts';
import { createLinkStore, type LinkStore } from '../links/link-store.ts';
import { createMessageLinks } from '../links/message-links.ts';
import { createDigests } from '../outbox/digest.ts';
import { createFallback, type FallbackSettings } from '../outbox/fallback.ts';
import { createDeliveryWorker } from '../outbox/delivery-worker.ts';
import { createOutbox } from '../outbox/outbox.ts';
import type { Database } from '../store/database.ts';
import { createDeliveryTelemetry, observeGauges } from '../telemetry.ts';
import { createAlertStore, type AlertStore } from './alert-store.ts';
import { createDispatcher, MAX_GROUPS_PER_DISPATCH } from './dispatcher.ts';
import { createGroupStore } from './group-store.ts';
import { createNotificationLog } from './notification-log.ts';

/** From alert to message: everything between rules and people. */
export interface Notifier {
  readonly sink: AlertSink;
  readonly alerts: Pick<AlertStore, 'listAlerts'>;
  /** What the links of messages are about. */
  readonly links: LinkStore;
  /** The names of the receivers an alert goes to under the routing in force. */
  readonly receiversOf: ReturnType<typeof createDispatcher>['receiversOf'];
  /** Takes a new configuration; call it once before the first tick. */
  apply(config: TocsinConfig, nowMs: number): void;
  /** Does what is due: looks at groups, starts deliveries, forgets what is old. @returns whether more is due at once */
  tick(nowMs: number): boolean;
  /** Resolves when no delivery is under way. */
  idle(): Promise<void>;
  /** Gives running deliveries `graceMs`, then aborts them; what is undelivered stays in the outbox. Idempotent. */
  stop(graceMs: number): Promise<void>;
}

/** What the notifier works with. */
export interface NotifierOptions {
  readonly database: Database;
  readonly log: Logger;
  /** Unix milliseconds; asked only when a delivery ends and when gauges are read. */
  readonly now: () => number;
  readonly listChannels?: (receiver: Receiver) => ListedChannel[];
  readonly newId?: () => string;
  /** What the links of messages do; a message has those that do something. */
  readonly linkActions?: LinkActions;
}

const HOUSEKEEPING_INTERVAL_MS = 60_000;

/** Puts alert store, dispatcher, outbox and delivery worker together over one database. */
export function createNotifier(options: NotifierOptions): Notifier {
  const { database, log, now } = options;
  const groups = createGroupStore(database);
  const notificationLog = createNotificationLog(database);
  const outbox = createOutbox(database);
  const { newId = randomUUID } = options;
  const digests = createDigests(database, outbox, newId);
  const fallback = createFallback(database, outbox, newId);
  const threads = createThreadStore(database);
  const links = createLinkStore(database);
  const history = createValueHistory();
  const dispatcher = createDispatcher({ database, groups, log: notificationLog, outbox, newId });
  const alerts = createAlertStore(database, dispatcher.admit);
  const telemetry = createDeliveryTelemetry();
  const worker = createDeliveryWorker({ database, outbox, digests, fallback, notificationLog, telemetry, log, now });
  const endGauges = observeGauges({
    pendingNotifications: () => outbox.countPending(),
    firingAlerts: () => alerts.countFiring(now()),
  });
  let housekeepingAtMs = -Infinity;

  return {
    sink: history.listen(alerts),
    alerts,
    links,
    receiversOf: dispatcher.receiversOf,
    apply(config, nowMs) {
      const { route, receivers, maxMessagesPerMinute } = config.alerting;
      if (!route) log.warn('alerting.route is not set: alerts are kept and shown, but nobody is notified');
      const listed = receivers.map(
        (receiver) => [receiver.name, (options.listChannels ?? listChannels)(receiver)] as const,
      );
      const context = {
        consoleUrl: consoleUrl(config),
        links: createMessageLinks(links, alertingPublicUrl(config), options.linkActions ?? {}),
        charts: history,
        threads,
      };
      fallback.apply(fallbackOf(config, new Map(listed)));
      dispatcher.apply({ route, receivers: new Map(listed) }, alerts.listAlerts(nowMs), nowMs);
      worker.apply(
        listed
          .flatMap(([, channels]) => channels)
          .map((entry) => ({
            address: entry,
            channel: entry.open(context),
            maxPerMinute: isReadByPeople(entry.kind) ? maxMessagesPerMinute : undefined,
          })),
        nowMs,
      );
    },
    tick(nowMs) {
      const looked = dispatcher.dispatch(nowMs);
      worker.tick(nowMs);
      if (Math.abs(nowMs - housekeepingAtMs) >= HOUSEKEEPING_INTERVAL_MS) {
        housekeepingAtMs = nowMs;
        database.transaction(() => {
          alerts.forgetResolved(nowMs);
          notificationLog.forgetOld(nowMs);
          outbox.forgetOld(nowMs);
          threads.forgetOld(nowMs);
          links.forgetOld(nowMs);
        });
      }
      return looked === MAX_GROUPS_PER_DISPATCH;
    },
    idle: () => worker.idle(),
    async stop(graceMs) {
      endGauges();
      await worker.stop(graceMs);
    },
  };
}

function fallbackOf(
  { alerting: { fallback } }: TocsinConfig,
  channels: ReadonlyMap<string, readonly ListedChannel[]>,
): FallbackSettings | undefined {
  return fallback && { ...fallback, channels: channels.get(fallback.receiver) ?? [] };
}

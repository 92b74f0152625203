import { randomUUID } from 'node:crypto';
import type { Receiver, TocsinConfig } from '@tocsin/service/config';
import type { Logger } from '@tocsin/service/log';
import type { Alert, AlertSink } from '../alert.ts';
import { listChannels, type ListedChannel } from '../channels/registry.ts';
import { createThreadStore } from '../channels/thread-store.ts';
import { createValueHistory } from '../channels/chart/value-history.ts';
import type { LinkActions } from '../links/link-routes.ts';
import type { ChartFiles } from '../links/chart-files.ts';
import { createLinkStore, type LinkStore } from '../links/link-store.ts';
import { whoHas } from '../oncall/acknowledge-by-link.ts';
import { createDelivery, type Delivery } from '../outbox/delivery.ts';
import { createOnCall, type OnCall } from '../oncall/oncall.ts';
import { createSilenceStore, type SilenceStore } from '../silences/silence-store.ts';
import type { StoredSeries } from '../rules/chart/series.ts';
import type { Database } from '../store/database.ts';
import { observeGauges } from '../telemetry.ts';
import { createAlertStore, type AlertStore } from './alert-store.ts';
import { createDispatcher } from './dispatcher.ts';
import type { GroupListings } from './group-listings.ts';
import { createGroupStore } from './group-store.ts';
import type { AlertMarks } from './marks.ts';
import { createMessageContext } from './message-context.ts';
import { createMuting } from './muting.ts';
import { createNotificationLog } from './notification-log.ts';

/** From alert to message: everything between rules and people. */
export interface Notifier {
  readonly sink: AlertSink;
  readonly alerts: Pick<AlertStore, 'listAlerts' | 'listFiring' | 'putAlert'>;
  /** What the links of messages are about. */
  readonly links: LinkStore;
  /** The pictures that messages name the address of. */
  readonly chartFiles: ChartFiles;
  /** The names of the receivers an alert goes to under the routing in force. */
  readonly receiversOf: ReturnType<typeof createDispatcher>['receiversOf'];
  readonly silences: SilenceStore;
  /** Incidents, and who is on call. */
  readonly oncall: OnCall;
  /** Why nobody is told of an alert now. */
  marksOf(alert: Alert, nowMs: number): AlertMarks;
  readonly groups: GroupListings;
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
  readonly newIncidentId?: () => string;
  /** What messages show of their alerts' past. */
  readonly stored?: StoredSeries;
  /** Notifications that may wait; beyond it the oldest are given up. */
  readonly maxPending?: number;
}

const HOUSEKEEPING_INTERVAL_MS = 60_000;

/** Puts alert store, dispatcher, on-call and delivery together over one database. */
export function createNotifier(options: NotifierOptions): Notifier {
  const { database, log, now, newId = randomUUID } = options;
  const groups = createGroupStore(database);
  const notificationLog = createNotificationLog(database);
  const delivery: Delivery = createDelivery({
    ...options,
    newId,
    onEnd(ended, nowMs) {
      if (ended.settlement.status === 'failed') notificationLog.markFailed(ended.id);
      oncall.desk.settled(ended, nowMs);
    },
  });
  const { outbox, telemetry } = delivery;
  const threads = createThreadStore(database);
  const links = createLinkStore(database);
  const history = createValueHistory();
  const silences = createSilenceStore(database);
  const muting = createMuting(database, silences);
  const oncall: OnCall = createOnCall({ ...options, outbox, groups: () => dispatcher });
  const { countMuted, countChart } = telemetry;
  const { linkActions, stored } = options;
  const acknowledgedBy = whoHas(oncall.desk);
  const own = { links, threads, history, stored, linkActions, acknowledgedBy, countChart, now };
  const messages = createMessageContext(own);
  const books = { log: notificationLog, outbox, newId };
  const dispatcher = createDispatcher({ database, groups, muting, incidents: oncall.desk, countMuted, ...books });
  const alerts = createAlertStore(database, dispatcher.admit, muting.changed);
  const endGauges = observeGauges({
    pendingNotifications: () => outbox.countPending(),
    firingAlerts: () => alerts.countFiring(now()),
  });
  let housekeepingAtMs = -Infinity;

  return {
    sink: history.listen(alerts),
    alerts,
    links,
    chartFiles: messages.chartFiles,
    receiversOf: dispatcher.receiversOf,
    silences,
    oncall,
    marksOf: (alert, nowMs) => muting.marksOf(alert, dispatcher.routesOf(alert), nowMs),
    groups: dispatcher.listings,
    apply(config, nowMs) {
      const { route, receivers, inhibitRules, timeIntervals } = config.alerting;
      if (!route) log.warn('alerting.route is not set: alerts are kept and shown, but nobody is notified');
      const list = options.listChannels ?? listChannels;
      const channels = new Map(receivers.map((receiver) => [receiver.name, list(receiver)]));
      const context = messages.contextOf(config);
      const known = alerts.listAlerts(nowMs);
      muting.apply(inhibitRules, timeIntervals, known);
      dispatcher.apply({ route, receivers: channels }, known, nowMs);
      // Before what waits for channels that are gone is given up: it asks others then.
      oncall.apply(config, channels, nowMs);
      delivery.apply({ ...config.alerting, channels: [...channels.values()].flat(), context }, nowMs);
    },
    tick(nowMs) {
      const isGroupDue = dispatcher.dispatch(nowMs);
      const isStepDue = oncall.tick(nowMs);
      delivery.tick(nowMs);
      if (Math.abs(nowMs - housekeepingAtMs) >= HOUSEKEEPING_INTERVAL_MS) {
        housekeepingAtMs = nowMs;
        database.transaction(() => {
          alerts.forgetResolved(nowMs);
          muting.prune(nowMs);
          for (const store of [notificationLog, delivery, silences, threads, links, oncall]) store.forgetOld(nowMs);
        });
      }
      return isGroupDue || isStepDue;
    },
    idle: () => delivery.idle(),
    async stop(graceMs) {
      endGauges();
      oncall.stop();
      await delivery.stop(graceMs);
    },
  };
}

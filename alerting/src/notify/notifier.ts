import { consoleUrl, type Receiver, type TocsinConfig } from '@tocsin/service/config';
import type { Logger } from '@tocsin/service/log';
import type { Alert, AlertSink } from '../alert.ts';
import { listChannels, type ListedChannel } from '../channels/registry.ts';
import { createDeliveryWorker } from '../outbox/delivery-worker.ts';
import { createOnCall, type OnCall } from '../oncall/oncall.ts';
import { createOutbox } from '../outbox/outbox.ts';
import { createSilenceStore, type SilenceStore } from '../silences/silence-store.ts';
import type { Database } from '../store/database.ts';
import { createDeliveryTelemetry, observeGauges } from '../telemetry.ts';
import { createAlertStore, type AlertStore } from './alert-store.ts';
import { createDispatcher } from './dispatcher.ts';
import { createGroupStore } from './group-store.ts';
import type { AlertMarks, GroupListing } from './marks.ts';
import { createMuting } from './muting.ts';
import { createNotificationLog } from './notification-log.ts';

/** From alert to message: everything between rules and people. */
export interface Notifier {
  readonly sink: AlertSink;
  readonly alerts: Pick<AlertStore, 'listAlerts' | 'putAlert'>;
  /** The names of the receivers an alert goes to under the routing in force. */
  readonly receiversOf: ReturnType<typeof createDispatcher>['receiversOf'];
  readonly silences: SilenceStore;
  /** Incidents, and who is on call. */
  readonly oncall: OnCall;
  /** Why nobody is told of an alert now. */
  marksOf(alert: Alert, nowMs: number): AlertMarks;
  /** The groups there are, each with its receiver and its alerts, in the order of receivers and labels. */
  groups(nowMs: number): readonly GroupListing[];
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
  readonly newIncidentId?: () => string;
}

const HOUSEKEEPING_INTERVAL_MS = 60_000;

/** Puts alert store, dispatcher, outbox and delivery worker together over one database. */
export function createNotifier(options: NotifierOptions): Notifier {
  const { database, log, now } = options;
  const groups = createGroupStore(database);
  const notificationLog = createNotificationLog(database);
  const outbox = createOutbox(database);
  const identity = options.newId ? { newId: options.newId } : {};
  const silences = createSilenceStore(database);
  const muting = createMuting(database, silences);
  const telemetry = createDeliveryTelemetry();
  const { countMuted } = telemetry;
  const books = { log: notificationLog, outbox, ...identity };
  const oncall: OnCall = createOnCall({ ...options, outbox, groups: () => dispatcher });
  const dispatcher = createDispatcher({ database, groups, muting, incidents: oncall.desk, countMuted, ...books });
  const alerts = createAlertStore(database, dispatcher.admit, muting.changed);
  const worker = createDeliveryWorker({ database, outbox, notificationLog, telemetry, log, now });
  const endGauges = observeGauges({
    pendingNotifications: () => outbox.countPending(),
    firingAlerts: () => alerts.countFiring(now()),
  });
  let housekeepingAtMs = -Infinity;

  return {
    sink: alerts,
    alerts,
    receiversOf: dispatcher.receiversOf,
    silences,
    oncall,
    marksOf: (alert, nowMs) => muting.marksOf(alert, dispatcher.routesOf(alert), nowMs),
    groups: dispatcher.listGroups,
    apply(config, nowMs) {
      const { route, receivers, inhibitRules, timeIntervals, templates } = config.alerting;
      if (!route) log.warn('alerting.route is not set: alerts are kept and shown, but nobody is notified');
      if (templates.length > 0)
        log.warn(
          { files: templates.map(({ file }) => file) },
          'alerting.templates: no channel takes its texts from these files yet',
        );
      const listed = receivers.map(
        (receiver) => [receiver.name, (options.listChannels ?? listChannels)(receiver)] as const,
      );
      const context = { consoleUrl: consoleUrl(config) };
      const known = alerts.listAlerts(nowMs);
      muting.apply(inhibitRules, timeIntervals, known);
      dispatcher.apply({ route, receivers: new Map(listed) }, known, nowMs);
      oncall.apply(config, new Map(listed), nowMs);
      worker.apply(
        listed.flatMap(([, channels]) => channels).map((entry) => ({ address: entry, channel: entry.open(context) })),
        nowMs,
      );
    },
    tick(nowMs) {
      const isGroupDue = dispatcher.dispatch(nowMs);
      const isStepDue = oncall.tick(nowMs);
      worker.tick(nowMs);
      if (Math.abs(nowMs - housekeepingAtMs) >= HOUSEKEEPING_INTERVAL_MS) {
        housekeepingAtMs = nowMs;
        database.transaction(() => {
          alerts.forgetResolved(nowMs);
          notificationLog.forgetOld(nowMs);
          outbox.forgetOld(nowMs);
          silences.forgetOld(nowMs);
          muting.prune(nowMs);
          oncall.forgetOld(nowMs);
        });
      }
      return isGroupDue || isStepDue;
    },
    idle: () => worker.idle(),
    async stop(graceMs) {
      endGauges();
      oncall.stop();
      await worker.stop(graceMs);
    },
  };
}

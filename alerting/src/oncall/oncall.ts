import type { TocsinConfig } from '@tocsin/service/config';
import type { Logger } from '@tocsin/service/log';
import type { Dispatcher } from '../notify/dispatcher.ts';
import type { Outbox } from '../outbox/outbox.ts';
import type { Database } from '../store/database.ts';
import { createIncidentAudit } from './audit.ts';
import { createIncidentDesk, type IncidentDesk } from './desk.ts';
import { createHistoryStore } from './history/history-store.ts';
import { createIncidentStore, type IncidentStore } from './incident-store.ts';
import { createOverrides, type Overrides } from './overrides.ts';
import { createRota, type Rota } from './rota.ts';
import { createOnCallTelemetry, type OnCallTelemetry } from './telemetry.ts';
import type { ViewedChannel } from './view.ts';

/** Incidents, and who is on call for them, over one database. */
export interface OnCall {
  readonly desk: IncidentDesk;
  readonly incidents: IncidentStore;
  readonly overrides: Overrides;
  readonly rota: Rota;
  readonly telemetry: OnCallTelemetry;
  /** Takes a new configuration. Call it after the dispatcher has taken it. */
  apply(config: TocsinConfig, channels: ReadonlyMap<string, readonly ViewedChannel[]>, nowMs: number): void;
  /** Takes steps that are due; looks every minute whether something is stranded. @returns whether more may be due */
  tick(nowMs: number): boolean;
  /** What the last audit found, and when; `undefined` before the first. */
  lastAudit(): { readonly atMs: number; readonly found: number } | undefined;
  forgetOld(nowMs: number): void;
  /** Ends its gauges. */
  stop(): void;
}

/** What on-call works with. */
export interface OnCallOptions {
  readonly database: Database;
  readonly outbox: Outbox;
  readonly log: Logger;
  readonly now: () => number;
  /** The dispatcher, which itself knows the desk. */
  readonly groups: () => Pick<Dispatcher, 'lookAtGroupsOf' | 'isHeard'>;
  readonly newId?: () => string;
  readonly newIncidentId?: () => string;
}

const AUDIT_INTERVAL_MS = 60_000;
/** Gaps are worked out anew so often for the gauge. */
const GAPS_AGE_MS = 600_000;

/** Puts desk, rota, overrides and audit together. */
export function createOnCall(options: OnCallOptions): OnCall {
  const { database, outbox, log, now, newId, newIncidentId } = options;
  const incidents = createIncidentStore(database);
  const overrides = createOverrides(database, newId);
  const rota = createRota(overrides);
  const telemetry = createOnCallTelemetry();
  const identity = { ...(newId && { newId }), ...(newIncidentId && { newIncidentId }) };
  const desk = createIncidentDesk({
    database,
    store: incidents,
    outbox,
    overrides,
    isHeard: (...asked) => options.groups().isHeard(...asked),
    log,
    onNobodyTold({ id, receiver, severity }) {
      telemetry.countUnreached();
      log.error({ incident: id, receiver, severity }, 'nobody can be told of an incident; it is tried again');
    },
    ...identity,
  });
  const audit = createIncidentAudit({
    database,
    store: incidents,
    desk,
    groups: { lookAtGroupsOf: (...asked) => options.groups().lookAtGroupsOf(...asked) },
    log,
    countRepaired: telemetry.countRepaired,
  });
  const history = createHistoryStore(database);
  let audited: { readonly atMs: number; readonly found: number } | undefined;
  let gaps: { readonly atMs: number; readonly bySchedule: ReadonlyMap<string, number> } | undefined;
  const endGauges = telemetry.observe({
    openIncidents: () => incidents.countOpen(),
    unreachedIncidents: () => incidents.countUnreached(),
    waitingEvents: () => history.countWaiting(),
    gaps() {
      if (!gaps || Math.abs(now() - gaps.atMs) > GAPS_AGE_MS) {
        const bySchedule = rota.gaps(now()).map(({ schedule, totalMs }) => [schedule, totalMs] as const);
        gaps = { atMs: now(), bySchedule: new Map(bySchedule) };
      }
      return gaps.bySchedule;
    },
  });
  return {
    desk,
    incidents,
    overrides,
    rota,
    telemetry,
    apply(config, channels, nowMs) {
      rota.apply(config.oncall);
      desk.apply(config, channels, nowMs);
      audit.reconcile(nowMs);
      gaps = undefined;
      for (const { schedule, described, timeZone } of rota.gaps(nowMs))
        if (described.length > 0)
          log.warn({ schedule, timeZone, gaps: described }, `nobody on call for ${schedule}: ${described.join('; ')}`);
    },
    tick(nowMs) {
      const isMoreDue = desk.tick(nowMs);
      if (!audited || Math.abs(nowMs - audited.atMs) >= AUDIT_INTERVAL_MS)
        audited = { atMs: nowMs, found: audit.run(nowMs) };
      return isMoreDue;
    },
    lastAudit: () => audited,
    forgetOld(nowMs) {
      incidents.forgetOld(nowMs);
      overrides.forgetOld(nowMs);
    },
    stop: endGauges,
  };
}

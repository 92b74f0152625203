import { join } from 'node:path';
import { createClickHouse } from '@tocsin/service/clickhouse';
import { consoleUrl, type TocsinConfig } from '@tocsin/service/config';
import type { Readiness } from '@tocsin/service/http';
import type { ReloadableContext, RunningService } from '@tocsin/service/run';
import { stopInOrder } from '@tocsin/service/stop';
import { VERSION } from '@tocsin/service/version';
import { type Api, createApi } from './api/api.ts';
import type { LinkActions } from './links/link-routes.ts';
import { silenceByLink } from './links/silence-by-link.ts';
import { createNotifier, type Notifier } from './notify/notifier.ts';
import { acknowledgeByLink } from './oncall/acknowledge-by-link.ts';
import { createOutward } from './oncall/outward.ts';
import { createRuleEngine } from './rules/engine.ts';
import { readShippedGroups } from './rules/shipped.ts';
import { createSqlExpression } from './rules/sql-expression.ts';
import { sloGroups } from './slo/slo-rules.ts';
import { createSloReader } from './slo/slo-status.ts';
import { observeSlos } from './slo/slo-telemetry.ts';
import { openDatabase } from './store/database.ts';
import { startTicker } from './ticker.ts';

/** How often alerting looks at what is due; the most a message is late by because of it. */
const TICK_MS = 100;
/** How often the API's tables lose what is old. */
const FORGET_INTERVAL_MS = 60_000;
const ERROR_PAUSE_MS = 5_000;
/** A rule may take 15 s in ClickHouse; the request waits a little longer than that. */
const AS_READER = { application: 'alerting', readonly: true, requestTimeoutMs: 20_000 } as const;
/** Deliveries that run at the end have this long; what is cut off is sent after the next start. */
const DELIVERY_GRACE_MS = 3_000;

/** Starts alerting: rules on their schedules, notifications, and the API on `alerting.http`. */
export async function createAlerting(context: ReloadableContext): Promise<RunningService> {
  const { config, dataDir, log, onReload, reload, internalKey } = context;
  let current: TocsinConfig = config;
  let trouble: string | undefined;
  const now = Date.now;
  const shipped = await readShippedGroups();
  const database = openDatabase(join(dataDir, 'alerting', 'alerting.sqlite'));
  const linkActions = linkActionsOf(() => notifier);
  const notifier: Notifier = createNotifier({ database, log, now, linkActions });
  const expression = createSqlExpression(createClickHouse(config, { ...AS_READER, log }));
  const slos = createSloReader(expression);
  const sloStatus = () => slos.sloStatus(current.slos, now());
  const own = { database, sink: notifier.sink, log, externalUrl: consoleUrl(config) };
  const rules = createRuleEngine({ expression, ...own });
  const readiness = (): Readiness => ({ ready: trouble === undefined, reasons: trouble ? [trouble] : [] });
  const api = createApi({
    config: () => current,
    database,
    notifier,
    rules,
    sloStatus,
    readiness,
    reload,
    internalKey,
    linkActions,
    log,
    version: VERSION,
    now,
  });

  const outward = createOutward({
    config,
    database,
    oncall: notifier.oncall,
    rules: () => rules.status(),
    internalKey,
    version: VERSION,
    log,
    now,
  });

  const apply = (next: TocsinConfig): void => {
    current = next;
    const nowMs = now();
    notifier.apply(next, nowMs);
    rules.apply([...(next.shippedRules ? shipped : []), ...next.ruleGroups, ...sloGroups(next.slos)], nowMs);
    outward.apply(next, nowMs);
  };
  apply(config);
  onReload(apply);
  const url = await api.listen();
  rules.start();
  outward.start();
  const stopSlos = observeSlos(sloStatus);
  const ticker = startTicker(tickBoth(notifier, api), {
    intervalMs: TICK_MS,
    errorPauseMs: ERROR_PAUSE_MS,
    now,
    log,
    onTick: (error) => {
      trouble = error === undefined ? undefined : 'notifications cannot be decided: see the log';
      if (trouble === undefined) outward.ticked(now());
    },
  });

  let stopping: Promise<void> | undefined;
  const steps = [
    () => api.stop().finally(stopSlos),
    // At the same time: each may use most of the time a service has to stop.
    async () => void (await Promise.all([rules.stop(), notifier.stop(DELIVERY_GRACE_MS), outward.stop()])),
    () => Promise.resolve(database.close()),
  ];
  return {
    listening: { 'alerting.http': url },
    stop() {
      ticker.stop();
      return (stopping ??= stopInOrder(steps));
    },
  };
}

/** What is due is looked at each time, and the API's tables lose what is old from time to time. */
function tickBoth(notifier: Pick<Notifier, 'tick'>, api: Pick<Api, 'forgetOld'>): (nowMs: number) => boolean {
  let forgotAtMs = -Infinity;
  return (nowMs) => {
    if (Math.abs(nowMs - forgotAtMs) >= FORGET_INTERVAL_MS) api.forgetOld((forgotAtMs = nowMs));
    return notifier.tick(nowMs);
  };
}

/** The notifier is made with them, so they look it up when they are used. */
function linkActionsOf(notifier: () => Pick<Notifier, 'silences' | 'oncall'>): LinkActions {
  return {
    silence: (...what) => silenceByLink(notifier().silences)(...what),
    acknowledge: (...what) => acknowledgeByLink(notifier().oncall.desk)(...what),
  };
}

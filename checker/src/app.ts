import { collectorUrl, type Monitor, type TocsinConfig } from '@tocsin/service/config';
import { createHttpServer, type Readiness } from '@tocsin/service/http';
import type { Logger } from '@tocsin/service/log';
import type { RunningService, ServiceContext } from '@tocsin/service/run';
import { type CancelTimer, type Clock, systemClock } from './clock.ts';
import type { Network } from './kinds/kind.ts';
import { listMonitor } from './monitor-list.ts';
import { createSystemNetwork } from './probe.ts';
import { createOtlpExporter } from './results/otlp-exporter.ts';
import { createProbeResource } from './results/scope.ts';
import type { ListedMonitor, ResultSink } from './results/sink.ts';
import { runProbe } from './run-probe.ts';
import { startCron } from './schedule/cron.ts';
import { Scheduler } from './schedule/scheduler.ts';
import { measureStalls, type Stalls } from './stalls.ts';
import { type CheckerMetrics, createCheckerMetrics } from './self-telemetry.ts';

/** How often the list of monitors is sent. */
const LIST_EVERY_MS = 30_000;

/** Results may wait this long before the checker calls itself not ready. */
const PATIENCE_MS = 30_000;

/** What tests replace. */
export interface CheckerParts {
  readonly network?: Network;
}

/** Starts the checker: the schedule of all configured monitors, the way out for their results, and a health server. */
export async function createChecker(context: ServiceContext, parts: CheckerParts = {}): Promise<RunningService> {
  const { config, log } = context;
  const clock = systemClock;
  const metrics = createCheckerMetrics();
  const exporter = createOtlpExporter({
    endpoint: collectorUrl(config),
    resource: createProbeResource(config.checker.location),
    clock,
    log,
    onDropped: (stream, count, reason) => metrics.countDropped(stream, count, reason),
    onFailure: (stream, reason) => metrics.countExportFailure(stream, reason),
  });
  const network = parts.network ?? createSystemNetwork(config.checker);
  const stalls = measureStalls(clock);
  const scheduler = createScheduler({ clock, log, network, stalls, exporter, metrics, config });
  const announcer = new Announcer(exporter, clock);
  const server = createHttpServer({
    address: config.checker.http,
    readiness: () => judgeReadiness(exporter.failingSinceMs(), clock.wallMs()),
  });
  const unobserve = metrics.observe({
    runsActive: () => scheduler.running,
    waiting: (stream) => exporter.waiting(stream),
  });
  const apply = ({ monitors }: TocsinConfig): void => {
    scheduler.apply(monitors);
    announcer.announce(describeAll(monitors, log));
    log.info({ monitors: monitors.length }, 'watching');
  };
  const url = await server.listen();
  apply(config);
  context.onReload(apply);

  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    unobserve();
    announcer.stop();
    stalls.stop();
    const steps = await Promise.allSettled([scheduler.stop().then(() => exporter.stop()), server.stop()]);
    const failed = steps.flatMap((step) => (step.status === 'rejected' ? [step.reason as unknown] : []));
    if (failed.length > 0) throw new AggregateError(failed, 'the checker did not stop cleanly');
  };
  return { listening: { 'checker.http': url }, stop: () => (stopping ??= stop()) };
}

interface SchedulerParts {
  readonly clock: Clock;
  readonly log: Logger;
  readonly network: Network;
  readonly stalls: Stalls;
  readonly exporter: ResultSink;
  readonly metrics: CheckerMetrics;
  readonly config: TocsinConfig;
}

function createScheduler({ clock, log, network, stalls, exporter, metrics, config }: SchedulerParts): Scheduler {
  return new Scheduler({
    clock,
    startCron,
    log,
    maxConcurrency: config.checker.maxConcurrency,
    async run(started) {
      const run = await runProbe({ clock, network, stalls, log }, started);
      if (!run) return;
      metrics.countRun(run.verdict.outcome, run.latenessMs);
      exporter.recordRun(run);
    },
    onSkipped(monitor, reason, count) {
      metrics.countSkipped(count, reason);
      log.debug({ monitor: monitor.name, reason, count }, 'skipped');
    },
  });
}

function describeAll(monitors: readonly Monitor[], log: Logger): ListedMonitor[] {
  return monitors.flatMap((monitor) => {
    try {
      return [listMonitor(monitor)];
    } catch (error) {
      log.error(
        { monitor: monitor.name, err: error },
        'this monitor has no interval and is not in the list of monitors',
      );
      return [];
    }
  });
}

/** Sends the list of monitors at once when it is new and then at a fixed rate. */
class Announcer {
  readonly #sink: ResultSink;
  readonly #clock: Clock;
  #cancel: CancelTimer | undefined;

  constructor(sink: ResultSink, clock: Clock) {
    this.#sink = sink;
    this.#clock = clock;
  }

  announce(monitors: readonly ListedMonitor[]): void {
    this.#cancel?.();
    if (monitors.length > 0) this.#sink.recordMonitors({ unixMs: this.#clock.wallMs(), monitors });
    this.#cancel = this.#clock.after(LIST_EVERY_MS, () => this.announce(monitors));
  }

  stop(): void {
    this.#cancel?.();
  }
}

function judgeReadiness(failingSinceMs: number | undefined, nowMs: number): Readiness {
  const blind = failingSinceMs !== undefined && nowMs - failingSinceMs > PATIENCE_MS;
  return { ready: !blind, reasons: blind ? ['the collector takes no results; they wait in memory'] : [] };
}

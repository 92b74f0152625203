import { mkdir } from 'node:fs/promises';
import { join } from 'node:path';
import { collectorUrl, type TocsinConfig } from '@tocsin/service/config';
import { createHttpServer, type Readiness } from '@tocsin/service/http';
import { internalHeaders } from '@tocsin/service/internal-key';
import type { RunningService, ServiceContext } from '@tocsin/service/run';
import { Announcer } from './announcer.ts';
import { type Clock, systemClock } from './clock.ts';
import { createConnectivity, discountLostConnectivity } from './connectivity.ts';
import { jsonJudgeOf } from './expect/json-judge.ts';
import { RdapDirectory } from './kinds/domain/rdap-directory.ts';
import { Heartbeats } from './kinds/heartbeat/heartbeats.ts';
import type { Network } from './kinds/kind.ts';
import { kindOf } from './kinds/registry.ts';
import { createSystemNetwork } from './probe.ts';
import type { ProbeRun, RunMarks } from './probe-run.ts';
import { createOtlpExporter, type OtlpExporter } from './results/otlp-exporter.ts';
import { createProbeResource } from './results/scope.ts';
import { TellingOrder } from './results/telling-order.ts';
import { runProbe } from './run-probe.ts';
import { startCron } from './schedule/cron.ts';
import { hostOfTarget } from './schedule/run-slots.ts';
import { Scheduler, type StartedRun } from './schedule/scheduler.ts';
import { type CheckerMetrics, createCheckerMetrics } from './self-telemetry.ts';
import { measureStalls, type Stalls } from './stalls.ts';
import { MonitorStates } from './state/monitor-states.ts';
import { StateFile } from './state/state-file.ts';

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
  const metrics = createCheckerMetrics(config.checker.location);
  const folder = join(context.dataDir, 'checker');
  await mkdir(folder, { recursive: true });
  const exporter = await createOtlpExporter({
    endpoint: collectorUrl(config),
    headers: internalHeaders(context.internalKey),
    resource: createProbeResource(config.checker.location),
    clock,
    log,
    folder: join(folder, 'results'),
    maxBytes: config.checker.buffer.maxBytes,
    onDropped: (stream, count, reason) => metrics.countDropped(stream, count, reason),
    onFailure: (stream, reason) => metrics.countExportFailure(stream, reason),
  });
  const heartbeats = new Heartbeats({
    folder,
    address: config.checker.heartbeat.listen,
    hosts: config.checker.heartbeat.hosts,
    clock,
    log,
    onRun: (run) => exporter.recordRun({ ...run, marks: watch.marksOf(run) }),
    onRefused: (reason) => metrics.countHeartbeatRefused(reason),
  });
  const rdap = new RdapDirectory({ clock, folder });
  const network = { ...(parts.network ?? createSystemNetwork(config.checker)), heartbeats, rdap };
  const stalls = measureStalls(clock);
  const watch = createWatch({ context, clock, network, stalls, exporter, metrics, folder });
  const server = createHttpServer({
    address: config.checker.http,
    readiness: () => judgeReadiness(exporter.failingSinceMs(), clock.wallMs()),
  });
  const unobserve = metrics.observe({
    runsActive: () => watch.running,
    runsWaiting: () => watch.waiting,
    waiting: (stream) => exporter.waiting(stream),
    bufferedBytes: () => exporter.bufferedBytes(),
    lookups: () => network.lookupFigures?.(),
    json: () => jsonJudgeOf(network).figures(),
    clockOffsetMs: () => exporter.clockOffsetMs(),
  });
  const apply = async ({ monitors }: TocsinConfig): Promise<string | undefined> => {
    const heartbeatUrl = await heartbeats.apply(monitors);
    watch.apply(monitors);
    log.info({ monitors: monitors.length }, 'watching');
    return heartbeatUrl;
  };
  const url = await server.listen();
  const heartbeatUrl = await apply(config);
  context.onReload(async (changed) => void (await apply(changed)));

  const stopWatching = async (): Promise<void> => {
    const watching = await Promise.allSettled([
      heartbeats.stop(),
      watch.stop(),
      rdap.stop(),
      jsonJudgeOf(network).stop(),
    ]);
    await exporter.stop();
    for (const step of watching) if (step.status === 'rejected') throw step.reason;
  };
  let stopping: Promise<void> | undefined;
  const stop = async (): Promise<void> => {
    unobserve();
    stalls.stop();
    const steps = await Promise.allSettled([stopWatching(), server.stop()]);
    const failed = steps.flatMap((step) => (step.status === 'rejected' ? [step.reason as unknown] : []));
    if (failed.length > 0) throw new AggregateError(failed, 'the checker did not stop cleanly');
  };
  return {
    listening: {
      'checker.http': url,
      ...(heartbeatUrl === undefined ? {} : { 'checker.heartbeat.listen': heartbeatUrl }),
    },
    stop: () => (stopping ??= stop()),
  };
}

interface WatchParts {
  readonly context: ServiceContext;
  readonly clock: Clock;
  readonly network: Network;
  readonly stalls: Stalls;
  readonly exporter: OtlpExporter;
  readonly metrics: CheckerMetrics;
  readonly folder: string;
}

/** The watching itself: the schedule, what becomes of its runs, and what is known of the monitors. */
interface Watch {
  readonly running: number;
  readonly waiting: Scheduler['waiting'];
  /** Of a run that is not the schedule's. */
  marksOf(run: ProbeRun): RunMarks;
  apply(monitors: TocsinConfig['monitors']): void;
  stop(): Promise<void>;
}

function createWatch({ context, clock, network, stalls, exporter, metrics, folder }: WatchParts): Watch {
  const { config, log } = context;
  const { maxConcurrency, maxConcurrencyPerHost, connectivity: targets } = config.checker;
  const connectivity = createConnectivity(targets, clock);
  const file = new StateFile({ path: join(folder, 'states.json'), clock, log, read: () => states.kept() });
  const states: MonitorStates = new MonitorStates({
    kept: file.load(),
    runSoon: (name, delayMs) => scheduler.runSoon(name, delayMs),
    onChange(names) {
      file.touch();
      announcer.onChange(names);
    },
  });
  const order = new TellingOrder({ path: join(folder, 'told.json'), log }, clock.wallMs());
  const announcer = new Announcer({ sink: exporter, clock, order, log, states });
  const run = async (started: StartedRun): Promise<void> => {
    const startMs = clock.monotonicMs();
    const found = await runProbe({ clock, network, stalls, log }, started);
    const endMs = clock.monotonicMs();
    const judged = found && (await discountLostConnectivity(found, connectivity, targets));
    if (!judged || started.signal.aborted) return;
    metrics.countRun(judged.verdict.outcome, judged.latenessMs);
    exporter.recordRun({ ...judged, marks: states.record(judged, startMs, endMs) });
  };
  const scheduler: Scheduler = new Scheduler({
    clock,
    startCron,
    log,
    maxConcurrency,
    maxConcurrencyPerHost,
    hostOf: (monitor) => hostOfTarget(kindOf(monitor).describeTarget(monitor)),
    run,
    onWaiting: (_monitor, reason) => metrics.countWaiting(reason),
    onSkipped(monitor, reason, count) {
      metrics.countSkipped(count, reason);
      log.debug({ monitor: monitor.name, reason, count }, 'skipped');
    },
  });
  return {
    get running() {
      return scheduler.running;
    },
    get waiting() {
      return scheduler.waiting;
    },
    marksOf: (run) => states.marksOf(run),
    apply(monitors) {
      states.apply(monitors);
      file.touch();
      scheduler.apply(monitors);
      announcer.apply(monitors);
    },
    async stop() {
      announcer.stop();
      await scheduler.stop();
      await file.stop();
    },
  };
}

function judgeReadiness(failingSinceMs: number | undefined, nowMs: number): Readiness {
  const blind = failingSinceMs !== undefined && nowMs - failingSinceMs > PATIENCE_MS;
  return { ready: !blind, reasons: blind ? ['the collector takes no results; they wait on disk'] : [] };
}

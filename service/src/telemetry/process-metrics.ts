import { monitorEventLoopDelay } from 'node:perf_hooks';
import { metrics } from '@opentelemetry/api';
import type { Restarts } from '../run/restarts.ts';

/** The part of `process` that is measured. */
export type MeasuredProcess = Pick<
  NodeJS.Process,
  'memoryUsage' | 'cpuUsage' | 'uptime' | 'availableMemory' | 'constrainedMemory'
>;

/** What is not the process's own to know. */
export interface Surroundings {
  /** Memory of the machine, in bytes. */
  readonly machineMemoryBytes: number;
  /** How often the launcher had to start this service again; `undefined` without a launcher. */
  readonly restarts: Restarts | undefined;
}

/**
 * Registers what every process says of itself: memory, CPU time, uptime and how late its event loop runs. Names from
 * OpenTelemetry's semantic conventions for processes and for the Node.js runtime; what these have no name for is `tocsin.process.*`.
 * @returns a function that ends the measuring
 */
export function measureProcess(host: MeasuredProcess, { machineMemoryBytes, restarts }: Surroundings): () => void {
  const meter = metrics.getMeter('tocsin.service');
  const loop = monitorEventLoopDelay({ resolution: 20 });
  loop.enable();
  meter
    .createObservableUpDownCounter('process.memory.usage', { unit: 'By' })
    .addCallback((result) => result.observe(host.memoryUsage.rss()));
  meter
    .createObservableGauge('tocsin.process.memory.limit', {
      unit: 'By',
      description: 'What there is for this process and those beside it: the limit of its control group, or the machine',
    })
    .addCallback((result) => result.observe(memoryLimit(host.constrainedMemory(), machineMemoryBytes)));
  meter
    .createObservableGauge('tocsin.process.memory.available', { unit: 'By', description: 'What is left of the limit' })
    .addCallback((result) => result.observe(host.availableMemory()));
  meter.createObservableCounter('process.cpu.time', { unit: 's' }).addCallback((result) => {
    const { user, system } = host.cpuUsage();
    result.observe(user / 1e6, { 'cpu.mode': 'user' });
    result.observe(system / 1e6, { 'cpu.mode': 'system' });
  });
  meter.createObservableGauge('process.uptime', { unit: 's' }).addCallback((result) => result.observe(host.uptime()));
  meter.createObservableGauge('nodejs.eventloop.delay.p99', { unit: 's' }).addCallback((result) => {
    result.observe(loop.percentile(99) / 1e9);
    loop.reset();
  });
  if (restarts) observeRestarts(restarts);
  return () => loop.disable();
}

function observeRestarts({ count, lastEndMs }: Restarts): void {
  const meter = metrics.getMeter('tocsin.service');
  meter
    .createObservableGauge('tocsin.process.restarts', {
      unit: '{restart}',
      description: 'How often this service ended without being asked since its launcher started',
    })
    .addCallback((result) => result.observe(count));
  if (lastEndMs === undefined) return;
  meter
    .createObservableGauge('tocsin.process.last_unexpected_end', {
      unit: 's',
      description: 'Unix time of the last one',
    })
    .addCallback((result) => result.observe(lastEndMs / 1_000));
}

/** A control group without a limit says 0, or a number that no machine has. */
function memoryLimit(constrainedBytes: number, machineBytes: number): number {
  return constrainedBytes > 0 ? Math.min(constrainedBytes, machineBytes) : machineBytes;
}

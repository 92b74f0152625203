import { monitorEventLoopDelay } from 'node:perf_hooks';
import { metrics } from '@opentelemetry/api';

/** The part of `process` that is measured. */
export type MeasuredProcess = Pick<NodeJS.Process, 'memoryUsage' | 'cpuUsage' | 'uptime'>;

/**
 * Registers what every process says of itself: memory, CPU time, uptime and how late its event loop runs. Names from
 * OpenTelemetry's semantic conventions for processes and for the Node.js runtime.
 * @returns a function that ends the measuring
 */
export function measureProcess(host: MeasuredProcess): () => void {
  const meter = metrics.getMeter('tocsin.service');
  const loop = monitorEventLoopDelay({ resolution: 20 });
  loop.enable();
  meter
    .createObservableUpDownCounter('process.memory.usage', { unit: 'By' })
    .addCallback((result) => result.observe(host.memoryUsage.rss()));
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
  return () => loop.disable();
}

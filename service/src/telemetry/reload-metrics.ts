import { metrics } from '@opentelemetry/api';
import type { LastReload } from '../run/reloader.ts';

/**
 * Shows what came of reading the configuration last, in the sense of Prometheus's `prometheus_config_last_reload_successful` and
 * `prometheus_config_last_reload_success_timestamp_seconds`. The start counts as a reload.
 */
export function observeReloads(last: () => LastReload): void {
  const meter = metrics.getMeter('tocsin.service');
  meter
    .createObservableGauge('tocsin.config.last_reload.successful', {
      unit: '1',
      description: '1 when the configuration could be read at the last attempt, 0 when the one before is still used',
    })
    .addCallback((result) => result.observe(last().successful ? 1 : 0));
  meter
    .createObservableGauge('tocsin.config.last_reload.success_time', {
      unit: 's',
      description: 'Unix time at which the configuration that is used was read',
    })
    .addCallback((result) => result.observe(last().succeededAtMs / 1_000));
}

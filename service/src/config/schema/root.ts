import { z } from 'zod';
import { alerting } from './alerting/alerting.ts';
import { clickhouse } from './clickhouse.ts';
import { collector } from './collector.ts';
import { consoleSection } from './console.ts';
import { ALWAYS, asMapping, refuseIn } from './cross-checks.ts';
import { defaults } from './defaults.ts';
import { checkListeners, WITHOUT_AUTHENTICATION } from './listeners.ts';
import { maintenance } from './maintenance.ts';
import { oncall } from './oncall/oncall.ts';
import { monitors } from './monitors/monitors.ts';
import { slos } from './slos.ts';
import { flag, hostPort, listen, size, text, wholeNumber } from './scalars.ts';

const checker = z
  .strictObject({
    http: listen(7601),
    location: text.default('default'),
    max_concurrency: wholeNumber(1, 10_000).default(500),
    max_concurrency_per_host: wholeNumber(1, 10_000).default(100),
    connectivity: z.array(hostPort).default([]),
    buffer: z.strictObject({ max_size: size.default(256 * 2 ** 20) }).prefault({}),
    deny_private_addresses: flag.default(false),
    heartbeat: z.strictObject({ listen: listen(7602), hosts: z.array(text).default([]) }).prefault({}),
  })
  .prefault({})
  .transform((value) => ({
    http: value.http,
    location: value.location,
    maxConcurrency: value.max_concurrency,
    /** Probes at once of one host and port. */
    maxConcurrencyPerHost: value.max_concurrency_per_host,
    /** What answers as long as this checker has a network; when none of them does, what its probes find is unknown. */
    connectivity: value.connectivity,
    /** Results that wait for the collector, on disk. */
    buffer: { maxBytes: value.buffer.max_size },
    denyPrivateAddresses: value.deny_private_addresses,
    /** Where jobs call. */
    heartbeat: value.heartbeat,
  }));

/** The whole of `tocsin.yaml`. Unknown keys are errors. */
export const root = z
  .strictObject({
    collector,
    clickhouse,
    checker,
    console: consoleSection,
    alerting: alerting.prefault({}),
    oncall: oncall.prefault({}),
    unauthenticated_listeners: z.array(z.enum(WITHOUT_AUTHENTICATION)).default([]),
    defaults,
    monitors: monitors.default([]),
    monitor_files: z.array(text).default([]),
    maintenance: maintenance.default([]),
    rule_files: z.array(text).default([]),
    shipped_rules: flag.default(true),
    slos,
  })
  .superRefine((value: unknown, context) => checkListeners(asMapping(value), refuseIn(context)), ALWAYS);

/** A file of `monitor_files`: monitors, and defaults that hold in it only. */
export const monitorFile = z.strictObject({ defaults, monitors: monitors.default([]) });

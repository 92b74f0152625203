import { Agent } from 'node:http';
import { setTimeout as sleep } from 'node:timers/promises';
import protobuf from 'protobufjs';
import { readFileSync } from 'node:fs';
import { post } from './sender.ts';
import type { Stack } from './stack.ts';
import type { Signal } from './workload.ts';

const MARK_EVERY_MS = 500;
const SERVICE = 'freshness-mark';

const source = readFileSync(new URL('../test/otlp/otlp.proto', import.meta.url), 'utf8');
const root = protobuf.parse(source, { keepCase: true }).root;

/** A mark: one small request that can be found by its number. */
const MARKS = {
  traces: (number: number, nowNs: string) => ({
    resource_spans: [
      {
        resource,
        scope_spans: [
          {
            spans: [
              {
                name: String(number).padStart(8, '0'),
                trace_id: Buffer.alloc(16, 1),
                span_id: Buffer.alloc(8, 1),
                start_time_unix_nano: nowNs,
                end_time_unix_nano: nowNs,
              },
            ],
          },
        ],
      },
    ],
  }),
  metrics: (number: number, nowNs: string) => ({
    resource_metrics: [
      {
        resource,
        scope_metrics: [
          { metrics: [{ name: 'mark', gauge: { data_points: [{ time_unix_nano: nowNs, as_double: number }] } }] },
        ],
      },
    ],
  }),
  logs: (number: number, nowNs: string) => ({
    resource_logs: [
      {
        resource,
        scope_logs: [
          { log_records: [{ time_unix_nano: nowNs, body: { string_value: String(number).padStart(8, '0') } }] },
        ],
      },
    ],
  }),
} as const;
const resource = { attributes: [{ key: 'service.name', value: { string_value: SERVICE } }] };
const TYPES = { traces: 'otlp.TracesRequest', metrics: 'otlp.MetricsRequest', logs: 'otlp.LogsRequest' } as const;
const NEWEST = {
  traces: `SELECT toInt64OrZero(max(SpanName)) FROM otel_traces WHERE ServiceName = '${SERVICE}'`,
  metrics: `SELECT toInt64(max(Value)) FROM otel_metrics_gauge WHERE ServiceName = '${SERVICE}' AND MetricName = 'mark'`,
  logs: `SELECT toInt64OrZero(max(Body)) FROM otel_logs WHERE Timestamp > now() - 60 AND ServiceName = '${SERVICE}'`,
} as const;

/**
 * Sends a mark twice a second and looks when it can be queried: from the moment it is sent, to within `lookEveryMs` and the query's own time.
 * Each look costs ClickHouse some 10 ms of CPU.
 */
export function watchFreshness(
  stack: Stack,
  signal: Signal,
  lookEveryMs: number,
): { stop(): Promise<readonly number[]> } {
  const type = root.lookupType(TYPES[signal]);
  const target = new URL(`/v1/${signal}`, stack.collector);
  const agent = new Agent({ keepAlive: true });
  const sentMs = new Map<number, number>();
  const agesMs: number[] = [];
  let isOver = false;

  const mark = async (): Promise<void> => {
    for (let number = 1; !isOver; number += 1) {
      const startMs = performance.now();
      const message = MARKS[signal](number, `${Date.now()}000000`);
      const status = await post(agent, target, Buffer.from(type.encode(type.fromObject(message)).finish()));
      if (status === 200) sentMs.set(number, startMs);
      await sleep(Math.max(0, MARK_EVERY_MS - (performance.now() - startMs)));
    }
  };
  const look = async (): Promise<void> => {
    while (!isOver || sentMs.size > 0) {
      const newest = Number(await stack.select(NEWEST[signal]));
      for (const [number, startMs] of sentMs) {
        if (number > newest) continue;
        agesMs.push(performance.now() - startMs);
        sentMs.delete(number);
      }
      await sleep(lookEveryMs);
    }
  };
  const ended = Promise.all([mark(), look()]);
  return {
    async stop() {
      isOver = true;
      await ended;
      agent.destroy();
      return agesMs.toSorted((a, b) => a - b);
    },
  };
}

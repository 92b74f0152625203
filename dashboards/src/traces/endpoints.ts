import type { ApiSources } from '../api/endpoints.ts';
import { endpoint, type Endpoint, refuse } from '../api/framework/endpoint.ts';
import { flag, listOf, momentMs, number, oneOf, optional, text } from '../api/framework/read-input.ts';
import { shareAnswers } from '../api/framework/share-answers.ts';
import { available, type Part } from '../part.ts';
import { knownKeys } from '../queries/known-keys.ts';
import { knownOperations } from '../queries/known-operations.ts';
import { knownServices } from '../queries/known-services.ts';
import { knownValues } from '../queries/known-values.ts';
import { runQuery } from '../queries/run-query.ts';
import { readServiceName, showServiceName } from '../services/service-name.ts';
import { LONGEST_NS } from './bands.ts';
import type { TracesContract } from './contract-types.ts';
import { bindConditions, type Condition, readCondition } from './read-where.ts';
import { type Search, searchTraces } from './search-traces.ts';

const LONGEST_MS = 400 * 86_400_000;
/** Who type in the same field are given the same for so long, in ms. */
const KNOWN_FRESH_MS = 30_000;

type SearchInput = TracesContract['GET /api/v1/traces']['input'];

/** The search for traces, and what can be searched for. */
export function tracesEndpoints({ clickhouse, now }: ApiSources): readonly Endpoint[] {
  return [
    endpoint('GET /api/v1/traces', {
      role: 'viewer',
      input: {
        from: momentMs,
        to: momentMs,
        service: optional(text(500)),
        operation: optional(text(500)),
        status: optional(oneOf('error', 'ok')),
        min: optional(number(0, LONGEST_MS)),
        max: optional(number(0, LONGEST_MS)),
        root: optional(flag),
        where: listOf(text(1_000), 20),
        sort: optional(oneOf('newest', 'slowest')),
        before: optional(momentMs),
      },
      answer: async (input) => {
        if (input.to <= input.from || input.to - input.from > LONGEST_MS)
          return refuse('bad_request', 'The time ends before it begins, or is longer than 400 days.');
        const conditions = input.where.map((one) => readCondition(one));
        const wrong = input.where.find((_, index) => !conditions[index]);
        if (wrong !== undefined)
          return refuse(
            'bad_request',
            `“${wrong.slice(0, 100)}” is no condition: as key=value, key!=value, key~part, key>number, key<number or a key.`,
          );
        return searchTraces(
          clickhouse,
          searchOf(
            input,
            conditions.filter((one) => one !== undefined),
          ),
          now,
        );
      },
    }),
    ...knownEndpoints({ clickhouse, now }),
  ];
}

function searchOf(input: SearchInput, conditions: readonly Condition[]): Search {
  const { from, to, before = to, min, max } = input;
  return {
    parameters: {
      services: input.service === undefined ? [] : [readServiceName(input.service)],
      operations: input.operation === undefined ? [] : [input.operation],
      status: input.status ?? '',
      root: input.root === true ? 1 : 0,
      ...bindConditions(conditions),
    },
    band: {
      fromMs: from,
      toMs: Math.max(Math.min(to, before), from),
      minNs: Math.round((min ?? 0) * 1e6),
      maxNs: max === undefined ? LONGEST_NS : Math.round(max * 1e6),
    },
    sort: input.sort ?? 'newest',
    window: { fromMs: from, toMs: to },
  };
}

function knownEndpoints({ clickhouse, now }: Pick<ApiSources, 'clickhouse' | 'now'>): readonly Endpoint[] {
  const share = <Input, Value>(load: (input: Input) => Promise<Value>, keyOf: (input: Input) => string) =>
    shareAnswers(load, { keyOf, freshMs: KNOWN_FRESH_MS, now });
  type Input<Key extends keyof TracesContract> = TracesContract[Key]['input'];
  const minute = (atMs: number): number => Math.floor(atMs / 60_000);
  const services = share(
    async ({ from, to }: Input<'GET /api/v1/traces/known/services'>) =>
      listed(await runQuery(clickhouse, knownServices, { from_ms: from, to_ms: to }), ({ service }) =>
        showServiceName(service),
      ),
    ({ from, to }) => `${minute(from)} ${minute(to)}`,
  );
  const operations = share(
    async ({ from, to, service }: Input<'GET /api/v1/traces/known/operations'>) =>
      listed(
        await runQuery(clickhouse, knownOperations, {
          services: service === undefined ? [] : [readServiceName(service)],
          from_ms: from,
          to_ms: to,
        }),
        ({ operation }) => operation,
      ),
    ({ from, to, service }) => JSON.stringify([minute(from), minute(to), service]),
  );
  const keys = share(
    async ({ from }: Input<'GET /api/v1/traces/known/keys'>) =>
      listed(await runQuery(clickhouse, knownKeys, { from_ms: from }), ({ source, key }) =>
        source === 'resource' ? `resource.${key}` : key,
      ),
    ({ from }) => String(minute(from)),
  );
  const values = share(
    async ({ from, key }: Input<'GET /api/v1/traces/known/values'>) => {
      const condition = readCondition(key);
      if (!condition) return available([]);
      return listed(
        await runQuery(clickhouse, knownValues, { source: condition.source, key: condition.key, from_ms: from }),
        ({ value }) => value,
      );
    },
    ({ from, key }) => JSON.stringify([minute(from), key]),
  );
  const span = { from: momentMs, to: momentMs };
  return [
    endpoint('GET /api/v1/traces/known/services', { role: 'viewer', input: span, answer: services }),
    endpoint('GET /api/v1/traces/known/operations', {
      role: 'viewer',
      input: { ...span, service: optional(text(500)) },
      answer: operations,
    }),
    endpoint('GET /api/v1/traces/known/keys', { role: 'viewer', input: { from: momentMs }, answer: keys }),
    endpoint('GET /api/v1/traces/known/values', {
      role: 'viewer',
      input: { from: momentMs, key: text(200) },
      answer: values,
    }),
  ];
}

function listed<Row>(rows: Part<readonly Row[]>, view: (row: Row) => string): Part<readonly string[]> {
  return rows.status === 'ok' ? available(rows.value.map(view)) : rows;
}

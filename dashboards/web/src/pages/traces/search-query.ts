import type { TracesContract } from '../../../../src/traces/contract-types.ts';

type SearchInput = TracesContract['GET /api/v1/traces']['input'];

/** What the page's URL asks for, without its time: a shared address searches for the same. What is no value is left out. */
export function readSearch(query: URLSearchParams): Omit<SearchInput, 'from' | 'to'> {
  const status = query.get('status');
  return {
    service: query.get('service') ?? undefined,
    operation: query.get('operation') ?? undefined,
    status: status === 'error' || status === 'ok' ? status : undefined,
    min: readDuration(query.get('min') ?? ''),
    max: readDuration(query.get('max') ?? ''),
    root: query.get('root') === 'true' ? true : undefined,
    where: query.getAll('where').slice(0, 20),
    sort: query.get('sort') === 'slowest' ? 'slowest' : undefined,
    before: readMoment(query.get('before')),
  };
}

const UNITS_MS: Readonly<Record<string, number>> = { us: 0.001, µs: 0.001, ms: 1, s: 1_000, m: 60_000, min: 60_000 };

/** A duration as people write it, in ms: `250ms`, `1.5 s`, `80` (ms). @returns `undefined` for what is none */
export function readDuration(text: string): number | undefined {
  const [, number = '', unit = 'ms'] = /^(\d{1,9}(?:\.\d{1,6})?)\s*(us|µs|ms|s|m|min)?$/.exec(text.trim()) ?? [];
  return number === '' ? undefined : Math.round(Number(number) * (UNITS_MS[unit] ?? 1) * 1e6) / 1e6;
}

function readMoment(text: string | null): number | undefined {
  return text !== null && /^\d{1,14}$/.test(text) ? Number(text) : undefined;
}

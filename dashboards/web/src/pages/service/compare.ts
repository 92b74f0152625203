import type { ComparedTime } from '../../../../src/services/contract-types.ts';

/** An operation before and after; absent where it had no request. */
export interface ComparedOperation {
  readonly operation: string;
  readonly kind: string;
  readonly before: Measured | undefined;
  readonly after: Measured | undefined;
}

export interface Measured {
  readonly perSecond: number;
  readonly errorShare: number;
  readonly p50Ms: number;
  readonly p95Ms: number;
  readonly p99Ms: number;
}

/** What serves requests, side by side: the busiest afterwards first. */
export function compareOperations(before: ComparedTime, after: ComparedTime): readonly ComparedOperation[] {
  const [earlier, later] = [measure(before), measure(after)];
  return [...new Set([...later.keys(), ...earlier.keys()])].map((key) => {
    const [operation = '', kind = ''] = JSON.parse(key) as string[];
    return { operation, kind, before: earlier.get(key), after: later.get(key) };
  });
}

function measure({ fromMs, toMs, operations }: ComparedTime): ReadonlyMap<string, Measured> {
  const seconds = (toMs - fromMs) / 1_000;
  return new Map(
    operations
      .filter(({ kind }) => kind === 'Server' || kind === 'Consumer')
      .map((row) => [
        JSON.stringify([row.operation, row.kind]),
        {
          perSecond: row.requests / seconds,
          errorShare: row.requests > 0 ? row.errors / row.requests : 0,
          p50Ms: row.p50_ms,
          p95Ms: row.p95_ms,
          p99Ms: row.p99_ms,
        },
      ]),
  );
}

/** How a duration changed, where it is more than what the sketch may be wrong by twice (4.4 % each): `+35 %`. */
export function sayChange(
  before: number,
  after: number,
): { readonly text: string; readonly isWorse: boolean } | undefined {
  if (before <= 0) return undefined;
  const share = after / before - 1;
  if (Math.abs(share) < 0.09) return undefined;
  const text =
    share >= 9 ? `×${Math.round(share + 1)}` : `${share > 0 ? '+' : '−'}${Math.round(Math.abs(share) * 100)} %`;
  return { text, isWorse: share > 0 };
}

/** Whether errors became more or fewer by a percentage point at least. */
export function errorsChanged(before: number, after: number): 'more' | 'fewer' | undefined {
  if (Math.abs(after - before) < 0.01) return undefined;
  return after > before ? 'more' : 'fewer';
}

import type { ServiceLinesRow } from '../queries/service-lines.ts';
import type { ServiceLines } from './contract-types.ts';

const MINUTE_MS = 60_000;
const STEPS_MINUTES = [1, 2, 5, 10, 15, 30, 60, 120, 180, 360, 720, 1_440];
/** A sparkline is a few hundred pixels wide at most. */
const POINTS = 60;

/** Whole steps of whole minutes that cover a time: the step that runs now is left out, for its requests are still coming. */
export function stepsOf(
  fromMs: number,
  toMs: number,
): { readonly fromMs: number; readonly toMs: number; readonly stepMs: number } {
  const wanted = (toMs - fromMs) / MINUTE_MS / POINTS;
  const stepMs = (STEPS_MINUTES.find((minutes) => minutes >= wanted) ?? 1_440) * MINUTE_MS;
  const end = Math.floor(toMs / stepMs) * stepMs;
  return { fromMs: Math.min(Math.floor(fromMs / stepMs) * stepMs, end - stepMs), toMs: end, stepMs };
}

/** Every service's steps without a gap. */
export function viewServiceLines(
  rows: readonly ServiceLinesRow[],
  { fromMs, toMs, stepMs }: ReturnType<typeof stepsOf>,
): ServiceLines {
  const count = Math.round((toMs - fromMs) / stepMs);
  const lines = rows.map(({ service, steps }) => {
    const known = new Map(steps.map((step) => [step[0], step]));
    const all = Array.from({ length: count }, (_, index) => known.get(fromMs + index * stepMs));
    return {
      service: service === '' ? '(no service.name)' : service,
      requests: all.map((step) => step?.[1] ?? 0),
      errorShares: all.map((step) => (step ? step[2] / step[1] : null)),
      p99sMs: all.map((step) => step?.[3] ?? null),
    };
  });
  return { fromMs, stepMs, lines };
}

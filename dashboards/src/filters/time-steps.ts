import { type Refusal, refuse } from '../api/framework/endpoint.ts';

const LONGEST_MS = 400 * 86_400_000;
const STEPS_S = [
  1, 2, 5, 10, 15, 30, 60, 120, 300, 600, 900, 1_800, 3_600, 7_200, 10_800, 21_600, 43_200, 86_400, 172_800, 345_600,
];

/** Time in whole steps. Unix ms. */
export interface TimeSteps {
  /** The begin of the first step: at or before what was asked. */
  readonly fromMs: number;
  /** The end of the last step: at or after what was asked. */
  readonly toMs: number;
  readonly stepMs: number;
}

/** Refuses a time that nobody can mean. */
export function refuseRange({ from, to }: { readonly from: number; readonly to: number }): Refusal | undefined {
  return to <= from || to - from > LONGEST_MS
    ? refuse('bad_request', 'The time ends before it begins, or is longer than 400 days.')
    : undefined;
}

/** Round steps, so many at most (but for the two at the edges), none shorter than `smallestMs`. Pure. */
export function stepsOver(
  { from, to }: { readonly from: number; readonly to: number },
  points: number,
  smallestMs: number,
): TimeSteps {
  const wantedS = Math.max((to - from) / points, smallestMs) / 1_000;
  const stepMs = (STEPS_S.find((seconds) => seconds >= wantedS) ?? 345_600) * 1_000;
  return { fromMs: Math.floor(from / stepMs) * stepMs, toMs: Math.ceil(to / stepMs) * stepMs, stepMs };
}

/** The begins of the steps. */
export function stepTimes({ fromMs, toMs, stepMs }: TimeSteps): number[] {
  return Array.from({ length: Math.round((toMs - fromMs) / stepMs) }, (_, index) => fromMs + index * stepMs);
}

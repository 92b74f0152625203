import type { HeatCell } from '../../../../src/traces/contract-types.ts';
import type { TimeWindow } from '../../state/time-range.ts';

/** What the picture's height covers, in log2 of nanoseconds. */
export interface HeatScale {
  readonly from: number;
  readonly to: number;
}

/** From the shortest to the longest of what is drawn, two octaves at least. @param durationsMs of the traces */
export function scaleOf(cells: readonly HeatCell[], durationsMs: readonly number[]): HeatScale {
  const logs = [
    ...cells.filter(([, half]) => half >= 0).flatMap(([, half]) => [half / 2, (half + 1) / 2]),
    ...durationsMs.filter((ms) => ms > 0).map((ms) => Math.log2(ms * 1e6)),
  ];
  const from = logs.reduce((least, one) => Math.min(least, one), Infinity);
  const to = logs.reduce((most, one) => Math.max(most, one), -Infinity);
  if (!Number.isFinite(from)) return { from: 20, to: 30 };
  return { from: Math.floor(from * 2) / 2 - 0.25, to: Math.max(Math.ceil(to * 2) / 2 + 0.25, from + 2) };
}

/** Where a duration stands, 0 at the foot and 1 at the top; zero is at the foot. */
export function heightOf({ from, to }: HeatScale, durationMs: number): number {
  if (durationMs <= 0) return 0;
  return Math.min(1, Math.max(0, (Math.log2(durationMs * 1e6) - from) / (to - from)));
}

/** The duration at a height, in ms. */
export function durationAt({ from, to }: HeatScale, height: number): number {
  return 2 ** (from + height * (to - from)) / 1e6;
}

/** Round durations to write at the side, in ms. */
export function sideTicks(scale: HeatScale): readonly number[] {
  const all = Array.from({ length: 14 }, (_, power) => 10 ** (power - 3));
  return all.filter((ms) => {
    const height = (Math.log2(ms * 1e6) - scale.from) / (scale.to - scale.from);
    return height >= 0.02 && height <= 0.97;
  });
}

/** Where a moment stands, 0 to 1. */
export function placeOf({ fromMs, toMs }: TimeWindow, atMs: number): number {
  return Math.min(1, Math.max(0, (atMs - fromMs) / (toMs - fromMs)));
}

/** How dark a cell is, 1 to 5: by the logarithm of its spans against the fullest. */
export function shadeOf(spans: number, most: number): number {
  return most <= 1 ? 3 : Math.min(5, 1 + Math.floor((Math.log(spans) / Math.log(most)) * 4.999));
}

import { cut, isOpenAt, openSpans, turnAt } from './layer.ts';
import type { Override, Schedule, Shift, Span } from './schedule.ts';

/** Who is on call at a moment, and why. @param overrides the later made after the earlier */
export function onCallAt(
  { layers, timeZone }: Schedule,
  overrides: readonly Override[],
  timeMs: number,
): Pick<Shift, 'user' | 'source'> | undefined {
  const override = overrides.findLast(({ startMs, endMs }) => startMs <= timeMs && timeMs < endMs);
  if (override) return { user: override.user, source: { override: override.id } };
  for (const [at, layer] of [...layers.entries()].reverse()) {
    const turn = isOpenAt(layer, timeZone, timeMs) ? turnAt(layer, timeZone, timeMs) : undefined;
    if (turn) return { user: turn.user, source: { layer: at } };
  }
  return undefined;
}

/**
 * Everybody who is on call in `[fromMs, toMs)`, in order. Shifts do not overlap; where one ends because its turn does, the next begins though it may be of the
 * same person.
 */
export function shiftsOf(schedule: Schedule, overrides: readonly Override[], fromMs: number, toMs: number): Shift[] {
  const lowFirst = [
    ...schedule.layers.map((layer, at) => layerShifts(schedule, layer, at, fromMs, toMs)),
    ...overrides.map((override) => overrideShifts(override, fromMs, toMs)),
  ];
  return lowFirst.reduce<Shift[]>((below, above) => cover(below, above), []);
}

/** The parts of `[fromMs, toMs)` in which nobody is on call, in order. */
export function gapsOf(schedule: Schedule, overrides: readonly Override[], fromMs: number, toMs: number): Span[] {
  const gaps: Span[] = [];
  let freeMs = fromMs;
  for (const { startMs, endMs } of shiftsOf(schedule, overrides, fromMs, toMs)) {
    if (startMs > freeMs) gaps.push({ startMs: freeMs, endMs: startMs });
    freeMs = endMs;
  }
  if (freeMs < toMs) gaps.push({ startMs: freeMs, endMs: toMs });
  return gaps;
}

function layerShifts(
  { timeZone }: Schedule,
  layer: Schedule['layers'][number],
  at: number,
  fromMs: number,
  toMs: number,
): Shift[] {
  const open = openSpans(layer, timeZone, fromMs, toMs);
  const firstMs = Temporal.PlainDate.from(layer.start).toZonedDateTime({
    timeZone,
    plainTime: layer.handover,
  }).epochMilliseconds;
  const shifts: Shift[] = [];
  let atMs = Math.max(fromMs, firstMs);
  while (atMs < toMs) {
    const turn = turnAt(layer, timeZone, atMs);
    if (!turn) break;
    const { user } = turn;
    for (const span of open) {
      const part = cut(span, Math.max(turn.startMs, fromMs), Math.min(turn.endMs, toMs));
      if (part) shifts.push({ ...part, user, source: { layer: at } });
    }
    atMs = turn.endMs;
  }
  return shifts;
}

function overrideShifts(override: Override, fromMs: number, toMs: number): Shift[] {
  const part = cut(override, fromMs, toMs);
  return part ? [{ ...part, user: override.user, source: { override: override.id } }] : [];
}

/** What is above hides what is below it. Both are in order and do not overlap by themselves. */
function cover(below: readonly Shift[], above: readonly Shift[]): Shift[] {
  const left = above.reduce<readonly Shift[]>(
    (parts, hidden) =>
      parts.flatMap((part) => [
        ...pieces(part, part.startMs, Math.min(part.endMs, hidden.startMs)),
        ...pieces(part, Math.max(part.startMs, hidden.endMs), part.endMs),
      ]),
    below,
  );
  return [...left, ...above].sort((a, b) => a.startMs - b.startMs);
}

function pieces(shift: Shift, startMs: number, endMs: number): Shift[] {
  return startMs < endMs ? [{ ...shift, startMs, endMs }] : [];
}

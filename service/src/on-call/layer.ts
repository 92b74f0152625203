import type { Layer, Restriction, Span } from './schedule.ts';

/**
 * The turn that goes on at a moment. Handovers are on the calendar of the zone: at 09:00 before and after a change of the clocks. One that the change leaves
 * out is moved on by the gap, of one that it repeats the first counts (RFC 5545, section 3.3.5).
 * @returns `undefined` before the first handover
 */
export function turnAt(layer: Layer, timeZone: string, timeMs: number): (Span & { readonly user: string }) | undefined {
  const local = Temporal.Instant.fromEpochMilliseconds(timeMs).toZonedDateTimeISO(timeZone).toPlainDate();
  const days = Temporal.PlainDate.from(layer.start).until(local, { largestUnit: 'day' }).days;
  let turn = Math.floor(days / layer.everyDays);
  let startMs = handoverMs(layer, timeZone, turn);
  if (startMs > timeMs) {
    turn -= 1;
    startMs = handoverMs(layer, timeZone, turn);
  }
  const user = turn < 0 ? undefined : layer.users[turn % layer.users.length];
  return user === undefined ? undefined : { user, startMs, endMs: handoverMs(layer, timeZone, turn + 1) };
}

function handoverMs({ start, everyDays, handover }: Layer, timeZone: string, turn: number): number {
  const date = Temporal.PlainDate.from(start).add({ days: turn * everyDays });
  return date.toZonedDateTime({ timeZone, plainTime: handover }).epochMilliseconds;
}

/** The parts of `[fromMs, toMs)` in which the layer has anybody by its restrictions, in order, none touching the next. */
export function openSpans({ restrictions }: Layer, timeZone: string, fromMs: number, toMs: number): Span[] {
  if (restrictions.length === 0) return [{ startMs: fromMs, endMs: toMs }];
  const spans: Span[] = [];
  const last = dateOf(toMs, timeZone);
  // A part that began the day before may still go on.
  for (
    let date = dateOf(fromMs, timeZone).subtract({ days: 1 });
    Temporal.PlainDate.compare(date, last) <= 0;
    date = date.add({ days: 1 })
  ) {
    for (const restriction of restrictions) {
      if (!restriction.days.includes(date.dayOfWeek)) continue;
      const span = cut(spanOn(restriction, date, timeZone), fromMs, toMs);
      if (span) spans.push(span);
    }
  }
  return join(spans);
}

/** Whether the layer has anybody at a moment by its restrictions. */
export function isOpenAt({ restrictions }: Layer, timeZone: string, timeMs: number): boolean {
  return restrictions.length === 0 || partAt(restrictions, timeZone, timeMs) !== undefined;
}

/** The part of the week that goes on at a moment; of several the one that ends last. */
export function partAt(parts: readonly Restriction[], timeZone: string, timeMs: number): Span | undefined {
  const today = dateOf(timeMs, timeZone);
  return [today.subtract({ days: 1 }), today]
    .flatMap((date) =>
      parts.filter(({ days }) => days.includes(date.dayOfWeek)).map((part) => spanOn(part, date, timeZone)),
    )
    .filter(({ startMs, endMs }) => startMs <= timeMs && timeMs < endMs)
    .reduce<Span | undefined>((last, span) => (last && last.endMs >= span.endMs ? last : span), undefined);
}

function spanOn({ from, to }: Restriction, date: Temporal.PlainDate, timeZone: string): Span {
  const endDate = to <= from ? date.add({ days: 1 }) : date;
  return {
    startMs: date.toZonedDateTime({ timeZone, plainTime: from }).epochMilliseconds,
    endMs: endDate.toZonedDateTime({ timeZone, plainTime: to }).epochMilliseconds,
  };
}

function dateOf(timeMs: number, timeZone: string): Temporal.PlainDate {
  return Temporal.Instant.fromEpochMilliseconds(timeMs).toZonedDateTimeISO(timeZone).toPlainDate();
}

/** The part of a span that lies in `[fromMs, toMs)`. */
export function cut({ startMs, endMs }: Span, fromMs: number, toMs: number): Span | undefined {
  const cutSpan = { startMs: Math.max(startMs, fromMs), endMs: Math.min(endMs, toMs) };
  return cutSpan.startMs < cutSpan.endMs ? cutSpan : undefined;
}

function join(spans: readonly Span[]): Span[] {
  const joined: { startMs: number; endMs: number }[] = [];
  for (const span of spans.toSorted((a, b) => a.startMs - b.startMs)) {
    const last = joined.at(-1);
    if (last && span.startMs <= last.endMs) last.endMs = Math.max(last.endMs, span.endMs);
    else joined.push({ ...span });
  }
  return joined;
}

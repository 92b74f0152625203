/** Time in which somebody is on call. Unix milliseconds, the end not part of it. */
export interface Span {
  readonly startMs: number;
  readonly endMs: number;
}

/** A part of the week in which a layer has anybody at all. Times of day are those of the schedule's zone; `to` at or before `from` is on the next day. */
export interface Restriction {
  /** ISO weekdays, Monday is 1; the day on which the part begins. */
  readonly days: readonly number[];
  /** `HH:MM`. */
  readonly from: string;
  readonly to: string;
}

/** People who take turns. */
export interface Layer {
  /** Names of users, in the order of their turns. */
  readonly users: readonly string[];
  /** Days between two handovers. */
  readonly everyDays: number;
  /** The date of the first handover, as `2026-11-02`; nobody is on call before it. */
  readonly start: string;
  /** When a turn is handed over, `HH:MM` in the schedule's zone. */
  readonly handover: string;
  /** Empty: always. */
  readonly restrictions: readonly Restriction[];
}

/** Who is on call when. Of two layers the later one wins where it has somebody. */
export interface Schedule {
  readonly name: string;
  readonly timeZone: string;
  readonly layers: readonly Layer[];
}

/** Somebody else than the layers say, for a while. Of two that overlap the later made wins. */
export interface Override extends Span {
  readonly id: string;
  readonly user: string;
}

/** Why somebody is on call: an override, or a layer by its place (0 is the lowest). */
export type ShiftSource = { readonly override: string } | { readonly layer: number };

/** A time for which one person is on call for one reason. */
export interface Shift extends Span {
  readonly user: string;
  readonly source: ShiftSource;
}

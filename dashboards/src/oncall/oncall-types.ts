/** A time for which somebody is on call. Times in Unix ms. */
export interface Shift {
  readonly user: string;
  readonly start: number;
  readonly end: number;
  /** The id of the override that it comes from. */
  readonly override?: string | undefined;
}

export interface Override {
  readonly id: string;
  readonly schedule: string;
  readonly user: string;
  readonly start: number;
  readonly end: number;
  readonly createdBy: string;
}

/** A time for which nobody is. */
export interface Gap {
  readonly start: number;
  readonly end: number;
}

/** A schedule with who is on call now and next, its shifts in the time asked for, and its gaps in the next four weeks. */
export interface ScheduleView {
  readonly name: string;
  readonly timeZone: string;
  readonly now?: Shift | undefined;
  readonly next?: Shift | undefined;
  readonly shifts: readonly Shift[];
  readonly gaps: readonly Gap[];
}

export interface OnCallPage {
  readonly schedules: readonly ScheduleView[];
  /** Overrides that are not over. */
  readonly overrides: readonly Override[];
  /** Who can be put on call. */
  readonly users: readonly string[];
}

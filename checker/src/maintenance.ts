import type { MaintenanceWindow } from '@tocsin/service/config';
import { findOccurrence, type Occurrence } from '@tocsin/service/maintenance';

/** What the windows that are open mean for a result. */
export interface MaintenanceMarks {
  /** A window is open. */
  readonly isInMaintenance: boolean;
  readonly mutesAlerts: boolean;
  /** Availability leaves the result out. */
  readonly isExcluded: boolean;
}

const NONE: MaintenanceMarks = { isInMaintenance: false, mutesAlerts: false, isExcluded: false };

interface Known {
  readonly fromMs: number;
  readonly occurrence: Occurrence | undefined;
}

/** Tells which windows are open. Each window is worked out again only when its next occurrence is over, or the clock was set back. */
export class MaintenanceCalendar {
  readonly #known = new WeakMap<MaintenanceWindow, Known>();

  marksAt(windows: readonly MaintenanceWindow[], nowMs: number): MaintenanceMarks {
    const open = windows.length === 0 ? [] : windows.filter((window) => this.#isOpen(window, nowMs));
    if (open.length === 0) return NONE;
    return {
      isInMaintenance: true,
      mutesAlerts: open.some(({ mutesAlerts }) => mutesAlerts),
      isExcluded: open.some(({ countsInAvailability }) => !countsInAvailability),
    };
  }

  #isOpen(window: MaintenanceWindow, nowMs: number): boolean {
    let known = this.#known.get(window);
    if (!known || nowMs < known.fromMs || (known.occurrence && nowMs >= known.occurrence.endMs)) {
      known = { fromMs: nowMs, occurrence: findOccurrence(window, nowMs) };
      this.#known.set(window, known);
    }
    const { occurrence } = known;
    return occurrence !== undefined && nowMs >= occurrence.startMs && nowMs < occurrence.endMs;
  }
}

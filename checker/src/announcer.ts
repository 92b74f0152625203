import type { Monitor } from '@tocsin/service/config';
import type { Logger } from '@tocsin/service/log';
import type { CancelTimer, Clock } from './clock.ts';
import { listMonitor } from './monitor-list.ts';
import type { ListedMonitor, ResultSink } from './results/sink.ts';
import type { TellingOrder } from './results/telling-order.ts';
import type { MonitorStates } from './state/monitor-states.ts';

/** How often the list of monitors is sent. */
const LIST_EVERY_MS = 30_000;
/** How often the clock is looked at, and which difference to the time that has passed is a step. */
const LOOK_EVERY_MS = 1_000;
const STEP_MS = 500;

export interface AnnouncerOptions {
  readonly sink: ResultSink;
  readonly clock: Clock;
  readonly order: Pick<TellingOrder, 'next'>;
  readonly log: Logger;
  readonly states: Pick<MonitorStates, 'points' | 'isBlind' | 'askAfterMaintenance'>;
}

/**
 * Sends the list of monitors with their states: at once when it is new, the checker goes blind or sees again, or its clock was set, and at a fixed rate.
 */
export class Announcer {
  readonly #options: AnnouncerOptions;
  #monitors: readonly ListedMonitor[] = [];
  #cancelList: CancelTimer | undefined;
  #cancelLook: CancelTimer | undefined;
  #wasBlind = false;
  #isStopped = false;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
  }

  /** Takes over a list of monitors. */
  apply(monitors: readonly Monitor[]): void {
    this.#monitors = describeAll(monitors, this.#options.log);
    this.#announce();
    if (!this.#cancelLook) this.#lookAtClock(this.#offsetMs());
  }

  /** Some states have changed. */
  onChange(names: readonly string[]): void {
    const { sink, clock, order, states, log } = this.#options;
    if (this.#isStopped) return;
    const nowMs = clock.wallMs();
    const points = states.points(nowMs, names);
    if (points.length > 0) sink.recordStates(points, order.next(nowMs));
    if (states.isBlind === this.#wasBlind) return;
    if (states.isBlind) log.warn('this checker is blind: what its probes find says nothing about their targets');
    else log.info('this checker sees again');
    this.#announce();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancelList?.();
    this.#cancelLook?.();
  }

  #announce(): void {
    const { sink, clock, order, states } = this.#options;
    this.#cancelList?.();
    const unixMs = clock.wallMs();
    this.#wasBlind = states.isBlind;
    states.askAfterMaintenance(unixMs);
    sink.recordMonitors({
      telling: order.next(unixMs),
      monitors: this.#monitors,
      states: states.points(unixMs),
      isBlind: states.isBlind,
    });
    this.#cancelList = clock.after(LIST_EVERY_MS, () => this.#announce());
  }

  /** Where the clock was set, what is known now is told at once with the new time, for what was told before has a wrong one. */
  #lookAtClock(beforeMs: number): void {
    const { clock, log } = this.#options;
    const offsetMs = this.#offsetMs();
    const stepMs = Math.round(offsetMs - beforeMs);
    if (Math.abs(stepMs) > STEP_MS) {
      log.warn({ stepMs }, 'the clock of this machine was set, or it slept: the monitors are listed anew');
      this.#announce();
    }
    this.#cancelLook = clock.after(LOOK_EVERY_MS, () => this.#lookAtClock(offsetMs));
  }

  #offsetMs(): number {
    return this.#options.clock.wallMs() - this.#options.clock.monotonicMs();
  }
}

function describeAll(monitors: readonly Monitor[], log: Logger): ListedMonitor[] {
  return monitors.flatMap((monitor) => {
    try {
      return [listMonitor(monitor)];
    } catch (error) {
      log.error(
        { monitor: monitor.name, err: error },
        'this monitor has no interval and is not in the list of monitors',
      );
      return [];
    }
  });
}

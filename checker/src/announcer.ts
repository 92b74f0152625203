import type { Monitor } from '@tocsin/service/config';
import type { Logger } from '@tocsin/service/log';
import type { CancelTimer, Clock } from './clock.ts';
import { listMonitor } from './monitor-list.ts';
import type { ListedMonitor, ResultSink } from './results/sink.ts';
import type { MonitorStates } from './state/monitor-states.ts';

/** How often the list of monitors is sent. */
const LIST_EVERY_MS = 30_000;

export interface AnnouncerOptions {
  readonly sink: ResultSink;
  readonly clock: Clock;
  readonly log: Logger;
  readonly states: Pick<MonitorStates, 'points' | 'isBlind' | 'askAfterMaintenance'>;
}

/** Sends the list of monitors with their states: at once when it is new or the checker goes blind or sees again, and at a fixed rate. */
export class Announcer {
  readonly #options: AnnouncerOptions;
  #monitors: readonly ListedMonitor[] = [];
  #cancel: CancelTimer | undefined;
  #wasBlind = false;
  #isStopped = false;

  constructor(options: AnnouncerOptions) {
    this.#options = options;
  }

  /** Takes over a list of monitors. */
  apply(monitors: readonly Monitor[]): void {
    this.#monitors = describeAll(monitors, this.#options.log);
    this.#announce();
  }

  /** Some states have changed. */
  onChange(names: readonly string[]): void {
    const { sink, clock, states, log } = this.#options;
    if (this.#isStopped) return;
    const nowMs = clock.wallMs();
    const points = states.points(nowMs, names);
    if (points.length > 0) sink.recordStates(points, nowMs);
    if (states.isBlind === this.#wasBlind) return;
    if (states.isBlind) log.warn('this checker is blind: what its probes find says nothing about their targets');
    else log.info('this checker sees again');
    this.#announce();
  }

  stop(): void {
    this.#isStopped = true;
    this.#cancel?.();
  }

  #announce(): void {
    const { sink, clock, states } = this.#options;
    this.#cancel?.();
    const unixMs = clock.wallMs();
    this.#wasBlind = states.isBlind;
    states.askAfterMaintenance(unixMs);
    sink.recordMonitors({ unixMs, monitors: this.#monitors, states: states.points(unixMs), isBlind: states.isBlind });
    this.#cancel = clock.after(LIST_EVERY_MS, () => this.#announce());
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

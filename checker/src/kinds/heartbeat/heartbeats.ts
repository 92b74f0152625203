import { randomBytes } from 'node:crypto';
import { join } from 'node:path';
import type { Address, Monitor } from '@tocsin/service/config';
import type { Logger } from '@tocsin/service/log';
import type { Clock } from '../../clock.ts';
import type { ProbeRun } from '../../probe-run.ts';
import { collectEvidence } from '../../evidence.ts';
import { secretsOf } from '../../secrets/collect-secrets.ts';
import { down, up } from '../../verdict.ts';
import { HeartbeatBook, type HeartbeatReader } from './heartbeat-book.ts';
import { HeartbeatFile } from './heartbeat-file.ts';
import { type HeartbeatRefusal, HeartbeatServer } from './heartbeat-server.ts';
import { type HeartbeatMonitor, type HeartbeatState, type JobEnd, showOutput } from './heartbeat-state.ts';

export interface HeartbeatsOptions {
  /** The checker's own folder. */
  readonly folder: string;
  readonly address: Address;
  readonly hosts: readonly string[];
  readonly clock: Clock;
  readonly log: Logger;
  /** Takes what each job's run came to. */
  readonly onRun: (run: ProbeRun) => void;
  readonly onRefused: (reason: HeartbeatRefusal) => void;
}

/** The listener for jobs and what it knows. Nothing listens, and no file is made, before the first job is configured. */
export class Heartbeats implements HeartbeatReader {
  readonly #options: HeartbeatsOptions;
  readonly #server: HeartbeatServer;
  #book: HeartbeatBook | undefined;

  constructor(options: HeartbeatsOptions) {
    this.#options = options;
    this.#server = new HeartbeatServer({
      ...options,
      onPing: (monitor, ping) => {
        const { state, isKept } = this.#open().record(monitor, ping);
        if (ping.type === 'end' && state.ended) options.onRun(describeJobRun(monitor, state.ended));
        return isKept;
      },
    });
  }

  /** Takes over the jobs of a configuration. @returns the URL once it listens */
  async apply(monitors: readonly Monitor[]): Promise<string | undefined> {
    const jobs = monitors.filter((monitor) => monitor.kind === 'heartbeat');
    this.#server.apply(jobs);
    if (jobs.length === 0) {
      this.#book?.apply([]);
      return undefined;
    }
    this.#open().apply(jobs);
    return this.#server.listen();
  }

  read(monitor: HeartbeatMonitor): HeartbeatState {
    return this.#open().read(monitor);
  }

  async stop(): Promise<void> {
    await this.#server.stop();
    this.#book?.stop();
    this.#book = undefined;
  }

  #open(): HeartbeatBook {
    const { folder, clock, log } = this.#options;
    return (this.#book ??= new HeartbeatBook(new HeartbeatFile(join(folder, 'heartbeats.sqlite'), log), clock));
  }
}

/** A job's own run, from its start to its end, as a run of its monitor. */
function describeJobRun(monitor: HeartbeatMonitor, ended: JobEnd): ProbeRun {
  const { name, kind } = monitor;
  const { unixMs, durationMs = 0, isSuccess, exitCode } = ended;
  const ids = randomBytes(24).toString('hex');
  const evidence = isSuccess ? {} : collectEvidence({ output: showOutput(ended) }, secretsOf(monitor));
  const code = exitCode === undefined ? '' : ` with exit code ${exitCode}`;
  return {
    monitor: name,
    kind,
    traceId: ids.slice(0, 32),
    spanId: ids.slice(32),
    startUnixMs: unixMs - durationMs,
    durationMs,
    latenessMs: 0,
    verdict: isSuccess
      ? up(`${name} ended well`)
      : down('heartbeat_failed', `expected ${name} to succeed, found it failed${code}`),
    phases: [],
    attributes: exitCode === undefined ? {} : { 'process.exit.code': exitCode },
    ...(Object.keys(evidence).length === 0 ? {} : { evidence }),
  };
}

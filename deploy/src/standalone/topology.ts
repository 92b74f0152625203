import { join } from 'node:path';
import type { ListenName } from '@tocsin/service/invocation';

/** A process of the standalone Tocsin. */
export interface ServiceSpec {
  readonly name: string;
  /** Its `main.ts`, from the repository's root. */
  readonly main: string;
  /** Options of Node, before `main`. */
  readonly nodeOptions?: readonly string[];
  /** The settings whose addresses it listens on. */
  readonly listens: readonly ListenName[];
  /** Services of one wave start together, once the wave before is ready. */
  readonly startWave: number;
  /** By this time after the stop was asked for it must have ended, or it is killed. Waves stop in the order of their limits. */
  readonly stopWithinMs: number;
}

/** By itself V8 keeps 30 MiB for objects that have just been made, in a process that makes hardly any (docs/decisions/0016). */
const SMALL = ['--max-semi-space-size=2'];

/**
 * What `collectLessForBuffers` sets, from the start on: V8 takes compiled code from the cache only under the flags it was compiled with, so
 * flags that change later threw away a hundred files of it at each start.
 */
const FOR_BUFFERS = [
  '--max-semi-space-size=4',
  '--external-memory-accounted-in-global-limit',
  '--external-memory-max-growing-factor=2',
];

/**
 * Who runs, and in which order. The collector does not wait for ClickHouse: it takes telemetry in either way, and loading its code takes
 * as long as ClickHouse's. What observes stops first and what stores stops last, so the last telemetry still arrives.
 * The limits add up to less than the ten seconds that `npm start` promises.
 */
export const TOPOLOGY: readonly ServiceSpec[] = [
  {
    name: 'clickhouse',
    main: 'deploy/src/clickhouse/main.ts',
    // Of FFI (memory/drop-start-pages.ts): the version of Node is pinned, and a user can do nothing about it.
    nodeOptions: [...FOR_BUFFERS, '--disable-warning=ExperimentalWarning'],
    listens: ['clickhouse.http'],
    startWave: 0,
    stopWithinMs: 9_300,
  },
  {
    name: 'collector',
    main: 'collector/src/main.ts',
    nodeOptions: FOR_BUFFERS,
    listens: ['collector.http', 'collector.grpc'],
    startWave: 0,
    stopWithinMs: 8_000,
  },
  {
    name: 'alerting',
    main: 'alerting/src/main.ts',
    nodeOptions: SMALL,
    listens: ['alerting.http'],
    startWave: 1,
    stopWithinMs: 4_000,
  },
  {
    name: 'console',
    main: 'dashboards/src/main.ts',
    nodeOptions: SMALL,
    listens: ['console.http', 'status_page.listen'],
    startWave: 1,
    stopWithinMs: 4_000,
  },
  {
    name: 'checker',
    main: 'checker/src/main.ts',
    // By itself V8 takes twice the memory for 10,000 monitors (checker/bench/RESULTS.md). Of it 45 MiB are live, so this is far from too little.
    nodeOptions: [...SMALL, '--max-old-space-size=512'],
    listens: ['checker.http', 'checker.heartbeat.listen'],
    startWave: 1,
    stopWithinMs: 2_000,
  },
];

/** The services of this installation: the embedded ClickHouse only where no other is configured. */
export function chooseServices(externalClickHouse: boolean): readonly ServiceSpec[] {
  return TOPOLOGY.filter(({ name }) => !(externalClickHouse && name === 'clickhouse'));
}

/** A Node binary and its arguments: options of V8, then the service's `main`. */
export type ServiceCommand = readonly [nodePath: string, ...args: string[]];

/** What starts a service by itself, under systemd and in a container: the same process in every way to run it. */
export function serviceCommand(
  { main, nodeOptions = [] }: ServiceSpec,
  places: { readonly nodePath: string; readonly rootDir: string },
): ServiceCommand {
  return [places.nodePath, ...nodeOptions, join(places.rootDir, main)];
}

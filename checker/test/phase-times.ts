import { once } from 'node:events';
import { createServer, connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContractTarget } from './kinds/contract.ts';
import { probe } from './monitors.ts';
import { listenWith, type TestServer } from './servers.ts';

/** How far a phase may be from what the server did. */
export const EXACT_MS = 5;
/** So many runs are made, and the one in the middle is judged: a busy machine delays some, and what is wrong with the measuring is wrong in most. */
const RUNS = 15;
/** Where the middle one is too far off, the machine may be busy for long: so many more, none left out, each beside a look at the machine. */
const MORE_RUNS = 30;

/** Makes runs, each of which says how far off it was, ms, and keeps them all. */
export async function measureRuns(run: () => Promise<number>): Promise<Pick<Differences, 'offMs' | 'medianMs'>> {
  const offMs: number[] = [];
  while (offMs.length < RUNS) offMs.push(await run());
  const found = distributionOf(offMs);
  if (found.medianMs < EXACT_MS) return found;
  await using machine = await openMachine();
  const machineMs: number[] = [];
  for (let more = 0; more < MORE_RUNS; more += 1) {
    offMs.push(await run());
    machineMs.push(await machine.look());
  }
  const all = distributionOf(offMs);
  // Twice: of a run, what a relay or a second server passes on is late twice.
  return { ...all, medianMs: all.medianMs - 2 * distributionOf(machineMs).medianMs };
}

/** The machine, without anything of ours: a server that answers late and says how late, and a client that looks at its own clock. */
interface Machine extends AsyncDisposable {
  /** How far apart the two are, ms, at the worst of four turns: as many delays as a run has. */
  look(): Promise<number>;
}

async function openMachine(): Promise<Machine> {
  let tookMs = 0;
  const server = await listenWith(
    createServer((socket) => {
      socket
        .on('error', () => {})
        .on('data', () => {
          const startMs = performance.now();
          void sleep(20).then(() => {
            tookMs = performance.now() - startMs;
            socket.write('x');
          });
        });
    }),
    'tcp',
  );
  const turn = async (): Promise<number> => {
    const startMs = performance.now();
    const socket = connect(server.port, '127.0.0.1');
    socket.on('connect', () => socket.write('x'));
    await once(socket, 'data');
    const offMs = Math.abs(performance.now() - startMs - tookMs);
    socket.destroy();
    return offMs;
  };
  return {
    look: async () => Math.max(await turn(), await turn(), await turn(), await turn()),
    [Symbol.asyncDispose]: () => server[Symbol.asyncDispose](),
  };
}

/** A server's own account of a run: by phase (`tls`, or `request 1` of the second stop) the time that passed on its side. */
export class ServerClock {
  readonly #tookMs = new Map<string, number>();

  /** Waits, and writes down how long it really took. */
  async delay(phase: string, ms: number): Promise<void> {
    const startMs = performance.now();
    await sleep(ms);
    this.add(phase, performance.now() - startMs);
  }

  add(phase: string, ms: number): void {
    this.#tookMs.set(phase, (this.#tookMs.get(phase) ?? 0) + ms);
  }

  set(phase: string, ms: number): void {
    this.#tookMs.set(phase, ms);
  }

  /** What passed in a phase since the latest reset; 0 in one that was not delayed. */
  tookMs(phase: string): number {
    return this.#tookMs.get(phase) ?? 0;
  }

  get phases(): readonly string[] {
    return [...this.#tookMs.keys()];
  }

  reset(): void {
    this.#tookMs.clear();
  }
}

/** How far the runs were from the server's clock, each in the phase in which it differs most. */
export interface Differences {
  /** Milliseconds, the least first. */
  readonly offMs: readonly number[];
  /** Of the run in the middle: what has to be within `EXACT_MS`. On a busy machine without what the machine itself is off at that time. */
  readonly medianMs: number;
  /** Which phase differed most, in each run. */
  readonly worst: readonly string[];
  /** The phases of all runs. */
  readonly phases: ReadonlySet<string>;
}

/** Probes again and again and compares every phase, those without a delay among them, with the server's clock. */
export async function measureDifferences(
  { monitor, network }: ContractTarget,
  clock: ServerClock,
): Promise<Differences> {
  const phases = new Set<string>();
  const worst: string[] = [];
  const found = await measureRuns(async () => {
    clock.reset();
    const run = await probe(monitor, network);
    const told = new Map<string, number>();
    for (const { name, hop, durationMs } of run.phases) {
      const key = hop === 0 ? name : `${name} ${hop}`;
      told.set(key, (told.get(key) ?? 0) + durationMs);
      phases.add(key);
    }
    const all = new Set([...told.keys(), ...clock.phases]);
    const off = [...all].map((phase) => ({ phase, ms: Math.abs((told.get(phase) ?? 0) - clock.tookMs(phase)) }));
    const [most] = off.toSorted((one, other) => other.ms - one.ms);
    worst.push(most?.phase ?? 'no phase');
    return most?.ms ?? Infinity;
  });
  return { ...found, worst, phases };
}

/** @param offMs of each run */
function distributionOf(offMs: readonly number[]): Pick<Differences, 'offMs' | 'medianMs'> {
  const sorted = offMs.toSorted((one, other) => one - other);
  return { offMs: sorted, medianMs: sorted[Math.floor((sorted.length - 1) / 2)] ?? Infinity };
}

/** One line for bench/RESULTS.md, where `TOCSIN_PHASE_TIMES` asks for it. */
export function tellDifferences(name: string, { offMs }: Pick<Differences, 'offMs'>): void {
  if (process.env['TOCSIN_PHASE_TIMES'] === undefined) return;
  const at = (part: number): string => (offMs[Math.floor((offMs.length - 1) * part)] ?? NaN).toFixed(1);
  process.stderr.write(`| ${name} | ${at(0)} | ${at(0.5)} | ${at(0.9)} | ${at(1)} |\n`);
}

/**
 * Relays to a server that speaks TLS, late: what the client sends first is held back. The phase `tls` of the server's clock is from the
 * arrival of that until the last the server says before the client speaks again.
 * @param next the phase that is from then until the last the server says: what a server does of a handshake after the client is through with it (the
 * client's Finished, its tickets) is in it, and no server's own account has that
 */
export function serveLateHandshake(
  target: TestServer,
  clock: ServerClock,
  delayMs: number,
  next?: string,
): Promise<TestServer> {
  const server = createServer((client: Socket) => {
    const upstream = connect(target.port, '127.0.0.1');
    let helloAtMs: number | undefined;
    let overAtMs: number | undefined;
    client.on('data', (chunk) => {
      if (helloAtMs !== undefined) {
        overAtMs ??= performance.now();
        upstream.write(chunk);
        return;
      }
      helloAtMs = performance.now();
      void sleep(delayMs).then(() => upstream.write(chunk));
    });
    upstream.on('data', (chunk) => {
      client.write(chunk);
      if (overAtMs !== undefined) {
        if (next !== undefined) clock.set(next, performance.now() - overAtMs);
      } else if (helloAtMs !== undefined) clock.set('tls', performance.now() - helloAtMs);
    });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const)
      one.on('error', () => {}).on('close', () => other.destroy());
  });
  return listenWith(server, 'tcp');
}

import { createServer, connect, type Socket } from 'node:net';
import { setTimeout as sleep } from 'node:timers/promises';
import type { ContractTarget } from './kinds/contract.ts';
import { probe } from './monitors.ts';
import { listenWith, type TestServer } from './servers.ts';

/** How far a phase may be from what the server did. */
export const EXACT_MS = 5;
/** A busy machine delays some run; the best of a few tells what the measuring itself is worth. */
const TRIES = 12;

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

/**
 * Probes until a run agrees with the server's clock in every phase, those without a delay among them.
 * @returns the least difference of any run, in the phase in which it differs most, milliseconds; and that phase
 */
export async function differMost(
  { monitor, network }: ContractTarget,
  clock: ServerClock,
): Promise<{ readonly offMs: number; readonly phase: string; readonly phases: readonly string[] }> {
  let best = { offMs: Infinity, phase: '', phases: [] as string[] };
  for (let attempt = 0; attempt < TRIES && best.offMs > EXACT_MS; attempt += 1) {
    clock.reset();
    const run = await probe(monitor, network);
    const found = new Map<string, number>();
    for (const { name, hop, durationMs } of run.phases) {
      const key = hop === 0 ? name : `${name} ${hop}`;
      found.set(key, (found.get(key) ?? 0) + durationMs);
    }
    const all = new Set([...found.keys(), ...clock.phases]);
    const off = [...all].map((phase) => ({ phase, offMs: Math.abs((found.get(phase) ?? 0) - clock.tookMs(phase)) }));
    const [worst] = off.toSorted((a, b) => b.offMs - a.offMs);
    if (worst && worst.offMs < best.offMs) best = { ...worst, phases: [...found.keys()] };
  }
  return best;
}

/**
 * Relays to a server that speaks TLS, late: what the client sends first is held back. The phase `tls` of the server's clock is from the
 * arrival of that until the last the server says before the client speaks again.
 */
export function serveLateHandshake(target: TestServer, clock: ServerClock, delayMs: number): Promise<TestServer> {
  const server = createServer((client: Socket) => {
    const upstream = connect(target.port, '127.0.0.1');
    let helloAtMs: number | undefined;
    let isOver = false;
    client.on('data', (chunk) => {
      if (helloAtMs !== undefined) {
        isOver = true;
        upstream.write(chunk);
        return;
      }
      helloAtMs = performance.now();
      void sleep(delayMs).then(() => upstream.write(chunk));
    });
    upstream.on('data', (chunk) => {
      client.write(chunk);
      if (helloAtMs !== undefined && !isOver) clock.set('tls', performance.now() - helloAtMs);
    });
    for (const [one, other] of [
      [client, upstream],
      [upstream, client],
    ] as const)
      one.on('error', () => {}).on('close', () => other.destroy());
  });
  return listenWith(server, 'tcp');
}

import { join } from 'node:path';
import { type Address, formatAddress, isLoopback, type TocsinConfig } from '@tocsin/service/config';
import type { Readiness } from '@tocsin/service/http';
import type { Logger } from '@tocsin/service/log';
import type { RunningService, ServiceContext } from '@tocsin/service/run';
import { stopInOrder } from '@tocsin/service/stop';
import { createBackupHolder } from './backup/holder.ts';
import { openJournal } from './journal/journal.ts';
import type { DeadLetterStats } from './load/dead-letter.ts';
import type { LoaderState } from './load/loader-handle.ts';
import { createLoader } from './load/loader.ts';
import { createUpkeep } from './schema/upkeep.ts';
import { createPreparer } from './otlp/preparer.ts';
import { createPeerLearner } from './rollup/peer-learner.ts';
import { createGate } from './server/access/gate.ts';
import { keepVolumes } from './server/access/volume-file.ts';
import { ByteBudget } from './server/byte-budget.ts';
import { watchCertificate, type WatchedCertificate } from './server/certificate.ts';
import { createGrpcIntake } from './server/grpc/server.ts';
import { createHttpIntake } from './server/http/server.ts';
import { createReceiver } from './server/receiver.ts';
import { RequestSlots } from './server/request-slots.ts';
import { createIntakeTelemetry } from './server/telemetry.ts';

/** All requests in memory at once, in units of the largest request. */
const MAX_REQUESTS_IN_MEMORY = 4;

/**
 * Starts the collector: the journal, then both servers, then the loader in the background. ClickHouse may be away:
 * telemetry is taken in all the same and waits in the journal.
 * @throws CollectorError `journal_locked` when another collector has the data directory
 */
export async function createCollector(context: ServiceContext): Promise<RunningService> {
  const { config, dataDir, log, onReload } = context;
  const { maxRequestBytes, journal: limits, http: httpAddress, grpc: grpcAddress } = config.collector;
  const directory = join(dataDir, 'collector');
  const { maxBytes, segmentBytes, segmentAgeMs, minFreeBytes } = limits;
  const journal = await openJournal({ directory, maxBytes, segmentBytes, segmentAgeMs, minFreeBytes, log });
  const loader = createLoader({ config, directory, journal, log });
  const backups = await createBackupHolder({ directory, loader, journal, log, now: Date.now });
  const upkeep = createUpkeep({ config, log });
  const peers = createPeerLearner(config, log);
  const preparer = createPreparer(log);
  const receiver = createReceiver({
    journal,
    preparer,
    telemetry: createIntakeTelemetry(() => preparer.queued),
    log,
    maxRequestBytes,
    accept: config.collector.accept,
    now: Date.now,
  });
  const budget = new ByteBudget(maxRequestBytes * MAX_REQUESTS_IN_MEMORY);
  const certificate = await openCertificate(config.collector.tls, log);
  const { corsOrigins, requestTimeoutMs, keys } = config.collector;
  const gate = createGate({ keys, internalKey: context.internalKey, now: Date.now });
  const volumes = await keepVolumes({ path: join(directory, 'key-volumes.json'), gate, log });
  const slots = new RequestSlots(config.collector.maxConcurrentRequests);
  const intake = { receiver, budget, slots, gate, maxRequestBytes, requestTimeoutMs, certificate, log, now: Date.now };
  const wantsKey = (name: string, address: Address): boolean => decideAuth(config.collector, name, address, log);
  const readiness = (): Readiness => {
    const { refusing } = journal.stats();
    const state = loader.state();
    const notes = [...describeLoader(state), ...describeDeadLetters(state.deadLetters)];
    const problems = [
      ...(refusing === undefined ? [] : [`requests are refused: ${refusing}`]),
      ...(state.deadLetters.isFull ? ['there is no room for more dead letters: segments are held in the journal'] : []),
    ];
    return { ready: problems.length === 0, reasons: [...problems, ...notes] };
  };
  const http = createHttpIntake({
    ...intake,
    address: httpAddress,
    authRequired: wantsKey('collector.http', httpAddress),
    corsOrigins,
    readiness,
  });
  const grpc = createGrpcIntake({
    ...intake,
    address: grpcAddress,
    authRequired: wantsKey('collector.grpc', grpcAddress),
  });
  let stopped: Promise<void> | undefined;
  const stop = (): Promise<void> =>
    (stopped ??= stopInOrder([
      async () => void (await Promise.all([http.stop(), grpc.stop()])),
      () => volumes.stop(),
      () => preparer.stop(),
      () => Promise.resolve(certificate?.stop()),
      () => backups.stop(),
      async () => void (await Promise.all([upkeep.stop(), loader.stop(), peers.stop()])),
      () => journal.stop(),
    ]));
  try {
    // gRPC first: it has no /readyz of its own, so the HTTP one answers for both.
    const grpcUrl = await grpc.listen();
    const httpUrl = await http.listen();
    loader.start();
    upkeep.start();
    peers.start();
    onReload((next) => {
      gate.setKeys(next.collector.keys);
      upkeep.reload(next);
    });
    return { listening: { 'collector.http': httpUrl, 'collector.grpc': grpcUrl }, stop };
  } catch (error) {
    await stop();
    throw error;
  }
}

/** A note for `/readyz`: somebody should look at them. */
export function describeDeadLetters({ count, bytes, maxBytes }: DeadLetterStats): readonly string[] {
  if (count === 0) return [];
  const what = count === 1 ? '1 request was' : `${count} requests were`;
  return [`${what} set aside as dead letters (${bytes} of ${maxBytes} bytes): npx tocsin journal list`];
}

function openCertificate(
  files: TocsinConfig['collector']['tls'],
  log: Logger,
): Promise<WatchedCertificate | undefined> {
  return files ? watchCertificate(files, log) : Promise.resolve(undefined);
}

/** Whether a listener wants a key: on every address but loopback, unless it is switched off aloud. */
export function decideAuth(
  { auth, keys }: Pick<TocsinConfig['collector'], 'auth' | 'keys'>,
  listener: string,
  address: Address,
  log: { warn(facts: object, message: string): void },
): boolean {
  const open = !isLoopback(address.host);
  const required = auth === undefined ? open : auth === 'required';
  const facts = { listener, address: formatAddress(address) };
  if (open && !required)
    log.warn(facts, 'no authentication (collector.auth: off): whoever reaches this address can send telemetry');
  if (required && keys.length === 0)
    log.warn(facts, 'a key is required and collector.keys has none: nobody can send; npx tocsin key NAME makes one');
  return required;
}

/** Notes for `/readyz` that do not make it unready: what is acknowledged is safe in the journal. */
export function describeLoader({ phase, awaySinceMs, lastError }: Omit<LoaderState, 'deadLetters'>): readonly string[] {
  if (phase !== 'waiting' && awaySinceMs === undefined) return [];
  const since = awaySinceMs === undefined ? '' : ` since ${new Date(awaySinceMs).toISOString()}`;
  return [
    `ClickHouse is away${since}${lastError === undefined ? '' : `: ${lastError}`}; telemetry waits in the journal`,
  ];
}

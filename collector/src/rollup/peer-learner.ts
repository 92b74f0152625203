import { setTimeout as wait } from 'node:timers/promises';
import { type ClickHouseClient, createClickHouse } from '@tocsin/service/clickhouse';
import type { TocsinConfig } from '@tocsin/service/config';
import type { Logger } from '@tocsin/service/log';
import { learnPeers } from './learn-peers.ts';

const EVERY_MS = 60_000;
const TIMEOUT_MS = 20_000;

export interface PeerLearner {
  start(): void;
  /** Gives up what is under way. Idempotent. */
  stop(): Promise<void>;
}

/**
 * Learns the service graph's names once a minute. A round that fails is left to the next one: nothing depends on any single round, and
 * the loader says when ClickHouse is away.
 */
export function createPeerLearner(config: TocsinConfig, log: Logger): PeerLearner {
  const ending = new AbortController();
  let running: Promise<void> | undefined;

  const run = async (client: ClickHouseClient): Promise<void> => {
    while (!ending.signal.aborted) {
      try {
        await wait(EVERY_MS, undefined, { signal: ending.signal, ref: false });
        await learnPeers(client, Date.now(), ending.signal);
      } catch (error) {
        if (!ending.signal.aborted) log.debug({ err: error }, 'service graph: nothing learned this time');
      }
    }
    await client.close();
  };

  return {
    start() {
      running ??= run(
        createClickHouse(config, {
          application: 'collector',
          readonly: false,
          requestTimeoutMs: TIMEOUT_MS,
          maxConnections: 1,
        }),
      );
    },
    async stop() {
      ending.abort();
      await running;
    },
  };
}

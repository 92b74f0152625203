import type { ClickHouseClient } from '@tocsin/service/clickhouse';
import type { Logger } from '@tocsin/service/log';
import type { Cluster } from '../cluster/cluster.ts';
import { decideDrop, type DiskState, type Marks, type Partition } from './decide-drop.ts';
import { dropPartition, readDiskState } from './disk-state.ts';

/** What a disk watch is made of. */
export interface DiskWatchOptions {
  readonly client: ClickHouseClient;
  readonly cluster: Cluster | undefined;
  readonly log: Logger;
  readonly marks: Marks;
  /** Whether partitions may go; otherwise the disk is only measured. */
  readonly dropsOldest: boolean;
  readonly now: () => number;
  readonly onState: (state: DiskState) => void;
  readonly onDropped: (partition: Partition, atMs: number) => void;
}

/** Looks at the disk once. */
export type LookAtDisk = () => Promise<void>;

/**
 * Makes what looks at ClickHouse's disk and lets at most one partition go each time. Several collectors need no coordination: what is chosen is a matter
 * of what is there, and a partition that is gone cannot go twice, so two that look at the same moment do what one would have done.
 */
export function createDiskWatch(options: DiskWatchOptions): LookAtDisk {
  const { client, cluster, log, marks, now } = options;
  let hasBegun = false;
  let saidNothingOld = false;
  return async () => {
    const state = await readDiskState(client, cluster);
    if (!state) return;
    options.onState(state);
    if (!options.dropsOldest) return;
    const decision = decideDrop(state, marks, hasBegun, now());
    hasBegun = decision.action === 'drop';
    const said = { disk: state.disk, free_bytes: state.freeBytes, low_water_bytes: marks.lowWaterBytes };
    if (decision.action === 'none') {
      if (decision.reason === 'nothing_old' && !saidNothingOld)
        log.warn(said, 'disk: nearly full, and nothing is older than today');
      saidNothingOld = decision.reason === 'nothing_old';
      return;
    }
    const { partition } = decision;
    await dropPartition(client, partition, cluster);
    options.onDropped(partition, now());
    log.warn(
      { ...said, table: partition.table, partition: partition.partition, bytes: partition.bytes },
      'disk: nearly full; the oldest partition was dropped',
    );
  };
}

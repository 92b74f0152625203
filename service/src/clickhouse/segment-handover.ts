import { join } from 'node:path';

/*
 * How the collector gives a segment of its journal to the embedded ClickHouse: by name, for both have the folder on the same disk. Reading it,
 * sending it over a socket and writing it to a file again cost a sixth of all the CPU time of ingest (docs/decisions/0014).
 */

/** The request's header with the name of the file, in the folder below, that is the data of its INSERT. */
export const SEGMENT_HEADER = 'x-tocsin-segment';

/** Where the segments lie. */
export function segmentFolder(dataDir: string): string {
  return join(dataDir, 'collector', 'journal');
}

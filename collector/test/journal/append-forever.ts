import { silentLogger } from '@tocsin/service/log';
import { openJournal } from '../../src/journal/journal.ts';

/** A process for the kill test: appends numbered requests for ever and tells its parent which were acknowledged. */
const [, , directory = ''] = process.argv;
const journal = await openJournal({
  directory,
  maxBytes: 2 ** 30,
  segmentBytes: 20_000,
  segmentAgeMs: 5,
  minFreeBytes: 0,
  log: silentLogger(),
});

async function appendForever(lane: number): Promise<void> {
  for (let count = 0; ; count += 1) {
    const text = Buffer.from(`${lane}:${count}`);
    const bytes = Buffer.concat([Buffer.from([0x7a, text.byteLength]), text]);
    const { status } = await journal.append('traces', bytes, { items: 1, self: false });
    if (status === 'stored') process.send?.(text.toString());
  }
}

await Promise.all([0, 1, 2, 3].map(appendForever));

import { silentLogger } from '@tocsin/service/log';
import { openJournal } from '../../src/journal/journal.ts';
import { openSegmentFile, type OpenSegmentFile } from '../../src/journal/segment-file.ts';
import { readSegment, walkSegment } from './segment-bytes.ts';

/**
 * A process for the test of a full disk: appends to a journal until the disk refuses, makes room by loading a segment, goes on, and says what was
 * acknowledged and what is there after a new start. With a quota the disk is a large one that pretends to be full.
 */
const [, , directory = '', quota = ''] = process.argv;
let written = 0;
const quotaFile: OpenSegmentFile = async (path, folder) => {
  const file = await openSegmentFile(path, folder);
  return {
    truncate: (sizeBytes) => file.truncate(sizeBytes),
    close: () => file.close(),
    async append(buffers) {
      const bytes = buffers.reduce((sum, { byteLength }) => sum + byteLength, 0);
      if (written + bytes > Number(quota)) throw Object.assign(new Error('no space left'), { code: 'ENOSPC' });
      written += bytes;
      await file.append(buffers);
    },
  };
};
const options = {
  directory,
  maxBytes: 2 ** 30,
  segmentBytes: 100_000,
  segmentAgeMs: 60_000,
  minFreeBytes: 0,
  log: silentLogger(),
  ...(quota === '' ? {} : { openFile: quotaFile }),
};

const journal = await openJournal(options);
const acknowledged: string[] = [];
const refusals: string[] = [];
let count = 0;

/** Appends until the disk refuses, or so many are acknowledged. */
async function append(most: number): Promise<void> {
  for (let sent = 0; sent < most; sent += 1) {
    const text = `request ${count++}`.padEnd(9_000, '.');
    const body = Buffer.concat([Buffer.from([0x7a, 0xa8, 0x46]), Buffer.from(text)]);
    const result = await journal.append('logs', body, { items: 1, self: false });
    if (result.status === 'stored') acknowledged.push(text.slice(0, 16));
    else {
      refusals.push(result.status === 'full' ? result.reason : result.status);
      return;
    }
  }
}

await append(10_000);
// The oldest two segments are loaded: there is room again.
const loaded: string[] = [];
for (const segment of journal.sealed().slice(0, 2)) {
  const bytes = await readSegment(segment);
  for (const { bodyOffset } of walkSegment(bytes).requests) loaded.push(textAt(bytes, bodyOffset));
  written -= segment.sizeBytes;
  await journal.forget(segment);
}
// The journal believes in the full disk for a second.
await new Promise((resolve) => void setTimeout(resolve, 1_200));
await append(1);
await new Promise((resolve) => void setTimeout(resolve, 200));
await append(3);
await journal.stop();

const next = await openJournal({ ...options, openFile: openSegmentFile });
const found: string[] = [];
for (const segment of next.sealed()) {
  const bytes = await readSegment(segment);
  for (const { bodyOffset } of walkSegment(bytes).requests) found.push(textAt(bytes, bodyOffset));
}
await next.stop();
process.stdout.write(JSON.stringify({ acknowledged, refusals, found: [...loaded, ...found] }));

function textAt(bytes: Buffer, bodyOffset: number): string {
  return bytes.toString('utf8', bodyOffset + 3, bodyOffset + 19);
}

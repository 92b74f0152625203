import { expect, it } from 'vitest';
import { findCleanMappings } from '../../src/clickhouse/memory/clean-mappings.ts';

const block = (head: string, numbers: Readonly<Record<string, number>> = {}): string =>
  [
    head,
    ...Object.entries({
      Size: 64,
      Rss: 32,
      Private_Clean: 32,
      Private_Dirty: 0,
      Shared_Dirty: 0,
      Anonymous: 0,
      Swap: 0,
      ...numbers,
    }).map(([name, kb]) => `${name}:  ${String(kb).padStart(8)} kB`),
    'VmFlags: rd ex mr mw me sd',
  ].join('\n');

const find = (...blocks: string[]): readonly string[] =>
  findCleanMappings(`${blocks.join('\n')}\n`, (path) => path.endsWith('/lib.so')).map(
    ({ startAddress, sizeBytes }) => `${startAddress.toString(16)}+${sizeBytes}`,
  );

it('finds the code and the constants of a library', () => {
  expect(
    find(
      block('7f0000000000-7f0000010000 r--p 00000000 fe:00 551 /opt/a b/lib.so'),
      block('7f0000010000-7f0000030000 r-xp 00010000 fe:00 551 /opt/a b/lib.so'),
    ),
  ).toEqual(['7f0000000000+65536', '7f0000010000+131072']);
});

it('leaves alone what is writable, was ever changed, is shared or belongs to another file or to none', () => {
  const other = '7f0000000000-7f0000010000 r--p 00000000 fe:00 551 /opt/lib.so';
  expect(
    find(
      block('7f0000000000-7f0000010000 rw-p 00000000 fe:00 551 /opt/lib.so'),
      block('7f0000000000-7f0000010000 r--s 00000000 fe:00 551 /opt/lib.so'),
      block('7f0000000000-7f0000010000 rwxp 00000000 fe:00 551 /opt/lib.so'),
      block(other, { Private_Dirty: 4 }),
      block(other, { Shared_Dirty: 4 }),
      block(other, { Anonymous: 4 }),
      block(other, { Swap: 4 }),
      block('7f0000000000-7f0000010000 r--p 00000000 fe:00 552 /opt/lib.so.debug'),
      block('7f0000000000-7f0000010000 r--p 00000000 00:00 0 '),
      block('7f0000000000-7f0000010000 r-xp 00000000 00:00 0                          [vdso]'),
    ),
  ).toEqual([]);
});

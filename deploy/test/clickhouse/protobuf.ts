/** The schema of the load-path test, in the collector's shape: one message holds everything, nested and repeated. */
export const SCHEMA = `
syntax = "proto3";
message Batch { repeated Group groups = 1; }
message Group { string service = 1; repeated Item items = 2; }
message Item { bytes id = 1; string name = 2; fixed64 at = 3; int64 value = 4; }
`;

export interface Item {
  readonly id: Buffer;
  readonly name: string;
  readonly at: bigint;
  readonly value: number;
}

/** A `Batch` with one group. Batches put one after the other are one batch. */
export function encodeBatch(service: string, items: readonly Item[]): Buffer {
  const group = Buffer.concat([
    bytesField(1, Buffer.from(service)),
    ...items.map((item) => bytesField(2, encodeItem(item))),
  ]);
  return bytesField(1, group);
}

function encodeItem({ id, name, at, value }: Item): Buffer {
  const time = Buffer.alloc(9);
  time.writeUInt8((3 << 3) | 1);
  time.writeBigUInt64LE(at, 1);
  return Buffer.concat([
    bytesField(1, id),
    bytesField(2, Buffer.from(name)),
    time,
    Buffer.from([4 << 3]),
    varint(value),
  ]);
}

function bytesField(field: number, value: Buffer): Buffer {
  return Buffer.concat([Buffer.from([(field << 3) | 2]), varint(value.length), value]);
}

function varint(value: number): Buffer {
  const bytes: number[] = [];
  let rest = value;
  while (rest > 127) {
    bytes.push((rest % 128) | 128);
    rest = Math.floor(rest / 128);
  }
  return Buffer.from([...bytes, rest]);
}

/** Tags of an AnyValue's plain values: field number and wire type in one byte. Source: opentelemetry-proto, common.proto. */
const STRING_TAG = 0x0a;
const BOOL_TAG = 0x10;
const INT_TAG = 0x18;
const DOUBLE_TAG = 0x21;

/**
 * Whether the bytes of a valid AnyValue are nothing, or its one plain value in its shortest form (what every SDK sends). The
 * load's SQL takes such a value's text out of its bytes by their number alone; anything else is written anew by the side door.
 */
export function isPlainValue(bytes: Buffer, start: number, end: number): boolean {
  if (start === end) return true;
  switch (bytes[start]) {
    case STRING_TAG:
      return isShortestText(bytes, start + 1, end);
    case BOOL_TAG:
      return end === start + 2 && (bytes[start + 1] as number) <= 1;
    case INT_TAG:
      return isShortestVarint(bytes, start + 1, end);
    case DOUBLE_TAG:
      return end === start + 9;
    default:
      return false;
  }
}

function isShortestText(bytes: Buffer, start: number, end: number): boolean {
  let at = start;
  let length = 0;
  for (let scale = 1; at < end; scale *= 128) {
    const byte = bytes[at++] as number;
    length += (byte & 0x7f) * scale;
    if (byte < 0x80) return at + length === end && (byte > 0 || at === start + 1);
  }
  return false;
}

function isShortestVarint(bytes: Buffer, start: number, end: number): boolean {
  let at = start;
  while (at < end && (bytes[at] as number) >= 0x80) at += 1;
  return at === end - 1 && ((bytes[at] as number) > 0 || at === start);
}

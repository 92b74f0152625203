const UNIT_BYTES: Readonly<Record<string, number>> = { B: 1, KiB: 2 ** 10, MiB: 2 ** 20, GiB: 2 ** 30, TiB: 2 ** 40 };

/** Reads `64MiB`, `512KiB`, `2GiB` or a plain number of bytes. @returns bytes, or `undefined` for anything else */
export function parseSize(value: string | number): number | undefined {
  const match = /^(\d+)\s*(B|KiB|MiB|GiB|TiB)?$/.exec(String(value));
  if (!match) return undefined;
  return Number(match[1]) * (UNIT_BYTES[match[2] ?? 'B'] ?? 1);
}

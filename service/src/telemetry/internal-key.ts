/** The header by which Tocsin's own processes are let in at the collector. */
export function internalHeaders(internalKey: string | undefined): Readonly<Record<string, string>> {
  return internalKey === undefined ? {} : { authorization: `Bearer ${internalKey}` };
}

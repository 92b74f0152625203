/** A statement with the types of what goes in and what comes out. Values are bound by name, never glued in. */
export interface Statement<Parameters extends Readonly<Record<string, unknown>>, Row> {
  /** Low-cardinality name for spans and metrics. */
  readonly name: string;
  readonly sql: string;
  /** Only carries types; always absent. */
  readonly types?: { readonly parameters: Parameters; readonly row: Row };
}

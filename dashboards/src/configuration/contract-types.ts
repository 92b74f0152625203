/** How a process of Tocsin fared with its configuration. */
export interface ConfigReload {
  /** As `tocsin-collector`. */
  readonly service: string;
  /** False while the changed files cannot be read: it goes on with what it had. */
  readonly isCurrent: boolean;
  /** When what it uses was read, Unix ms. */
  readonly readMs: number;
}

export interface ConfigurationContract {
  'GET /api/v1/configuration': {
    readonly input: object;
    readonly answer: { readonly processes: readonly ConfigReload[] };
  };
}

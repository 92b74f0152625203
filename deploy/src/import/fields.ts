type Mapping = Readonly<Record<string, unknown>>;

/** Whether it is a YAML mapping. */
function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

/** A mapping of another tool's configuration that knows which of its keys were read: the rest was not translated. */
export class Fields {
  readonly #value: Mapping;
  readonly #path: string;
  readonly #read = new Set<string>();
  readonly #inner: Fields[] = [];

  constructor(value: unknown, path = '') {
    this.#value = isMapping(value) ? value : {};
    this.#path = path;
  }

  /** The value as text; numbers and flags as they are written. */
  text(key: string): string | undefined {
    const value = this.raw(key);
    return typeof value === 'string' || typeof value === 'number' || typeof value === 'boolean'
      ? String(value)
      : undefined;
  }

  number(key: string): number | undefined {
    const value = this.text(key);
    return value === undefined || value === '' || !Number.isFinite(Number(value)) ? undefined : Number(value);
  }

  flag(key: string): boolean | undefined {
    const value = this.text(key);
    return value === undefined ? undefined : value === 'true' || value === '1';
  }

  /** One text or a list of them. */
  texts(key: string): readonly string[] {
    const value = this.raw(key);
    return (Array.isArray(value) ? value : [value]).flatMap((entry: unknown) =>
      typeof entry === 'string' || typeof entry === 'number' ? [String(entry)] : [],
    );
  }

  /** The mapping at a key; empty where there is none. */
  at(key: string): Fields {
    const inner = new Fields(this.raw(key), `${this.#path}${key}.`);
    this.#inner.push(inner);
    return inner;
  }

  /** The mappings of a list. */
  list(key: string): readonly Fields[] {
    const value = this.raw(key);
    const list = (Array.isArray(value) ? value : []).map(
      (entry: unknown, index) => new Fields(entry, `${this.#path}${key}[${index}].`),
    );
    this.#inner.push(...list);
    return list;
  }

  /** A mapping of texts. */
  map(key: string): Readonly<Record<string, string>> {
    const value = this.raw(key);
    return Object.fromEntries(
      Object.entries(isMapping(value) ? value : {}).map(([name, entry]) => [
        name,
        typeof entry === 'string' ? entry : JSON.stringify(entry),
      ]),
    );
  }

  /** The value as it is; it counts as read. */
  raw(key: string): unknown {
    this.#read.add(key);
    return this.#value[key];
  }

  has(key: string): boolean {
    return this.#value[key] !== undefined && this.#value[key] !== null;
  }

  keys(): readonly string[] {
    return Object.keys(this.#value);
  }

  /** These keys mean nothing here. */
  ignore(...keys: readonly string[]): void {
    for (const key of keys) this.#read.add(key);
  }

  /** The paths of everything that nobody asked for. */
  unread(): readonly string[] {
    const own = Object.keys(this.#value).filter((key) => !this.#read.has(key) && this.has(key));
    return [...own.map((key) => `${this.#path}${key}`), ...this.#inner.flatMap((inner) => inner.unread())];
  }
}

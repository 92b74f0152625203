import { stringify } from 'yaml';

export type Mapping = Readonly<Record<string, unknown>>;

type Call = (...values: readonly never[]) => unknown;

/** The functions of Helm and Sprig that the chart uses. */
const FUNCTIONS: Readonly<Record<string, Call>> = {
  default: (fallback: unknown, value?: unknown) => (isTrue(value) ? value : fallback),
  required(message: string, value: unknown) {
    if (value === undefined || value === '') throw new Error(message);
    return value;
  },
  toYaml: (value: unknown) => stringify(value).trimEnd(),
  quote: (value: unknown) => JSON.stringify(String(value)),
  nindent: (width: bigint, text: string) => `\n${indent(width, text)}`,
  printf: (format: string, ...values: readonly unknown[]) => {
    let at = 0;
    return format.replaceAll(/%[sd]/g, () => String(values[at++]));
  },
  eq: (a: unknown, b: unknown) => a === b,
  not: (value: unknown) => !isTrue(value),
  and: (...values: readonly unknown[]) => values.find((value) => !isTrue(value)) ?? values.at(-1),
  or: (...values: readonly unknown[]) => values.find(isTrue) ?? values.at(-1),
  dict: (...values: readonly unknown[]) =>
    Object.fromEntries(values.flatMap((key, at) => (at % 2 === 0 ? [[String(key), values[at + 1]]] : []))),
  int: Number,
  until: (end: number) => Array.from({ length: end }, (_, at) => at),
};

/** @throws Error for a function that is not here */
export function call(name: string, values: readonly unknown[]): unknown {
  const known = FUNCTIONS[name];
  if (!known) throw new Error(`function ${name} is not in the renderer of the tests`);
  return known(...(values as readonly never[]));
}

function indent(width: bigint, text: string): string {
  return text.replaceAll(/^/gm, ' '.repeat(Number(width)));
}

/** Source: Go, package text/template: empty is false. */
export function isTrue(value: unknown): boolean {
  if (Array.isArray(value)) return value.length > 0;
  if (isMapping(value)) return Object.keys(value).length > 0;
  return Boolean(value);
}

export function isMapping(value: unknown): value is Mapping {
  return typeof value === 'object' && value !== null && !Array.isArray(value);
}

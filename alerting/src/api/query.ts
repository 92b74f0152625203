/** The query string of a request as Fastify reads it: a name that comes twice has a list. */
export type Query = Readonly<Record<string, string | readonly string[] | undefined>>;

/** The query cannot be used; the message says which parameter and what was expected. */
export class QueryError extends Error {
  override readonly name = 'QueryError';
  readonly code = 'TOCSIN_ALERTING_QUERY_INVALID';
}

/** All values of a parameter. */
export function listParameter(query: Query, name: string): readonly string[] {
  const value = query[name];
  return value === undefined ? [] : typeof value === 'string' ? [value] : value;
}

/** The last value of a parameter. */
export function textParameter(query: Query, name: string): string | undefined {
  return listParameter(query, name).at(-1);
}

/** `true` or `false`. @throws QueryError for anything else */
export function booleanParameter(query: Query, name: string, fallback: boolean): boolean {
  const value = textParameter(query, name);
  if (value === undefined) return fallback;
  if (value !== 'true' && value !== 'false')
    throw new QueryError(`${name}: expected true or false, found ${JSON.stringify(value)}`);
  return value === 'true';
}

/** A whole number from `min` to `max`. @throws QueryError for anything else */
export function integerParameter(
  query: Query,
  name: string,
  { min, max, fallback }: { readonly min: number; readonly max: number; readonly fallback: number },
): number {
  const value = textParameter(query, name);
  if (value === undefined) return fallback;
  const number = /^\d+$/.test(value) ? Number(value) : Number.NaN;
  if (number >= min && number <= max) return number;
  throw new QueryError(`${name}: expected a whole number from ${min} to ${max}, found ${JSON.stringify(value)}`);
}

/** One of `choices`. @throws QueryError for anything else */
export function choiceParameter<Choice extends string>(
  query: Query,
  name: string,
  choices: readonly Choice[],
): Choice | undefined {
  const value = textParameter(query, name);
  if (value === undefined) return undefined;
  const choice = choices.find((candidate) => candidate === value);
  if (choice !== undefined) return choice;
  throw new QueryError(`${name}: expected one of ${choices.join(', ')}, found ${JSON.stringify(value)}`);
}

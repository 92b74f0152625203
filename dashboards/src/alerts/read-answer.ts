import type { Answer } from '../api/framework/endpoint.ts';
import { available, unavailable } from '../part.ts';
import { type AlertingClient, type AlertingRequest, isRecord } from './alerting-client.ts';

/** Reads a value that came as JSON; `undefined` where it is not what was expected. */
export type Read<Value> = (value: unknown) => Value | undefined;

export const asText: Read<string> = (value) => (typeof value === 'string' ? value : undefined);
export const asNumber: Read<number> = (value) => (typeof value === 'number' ? value : undefined);
export const asFlag: Read<boolean> = (value) => (typeof value === 'boolean' ? value : undefined);

/** A time in ISO 8601, as Unix ms. */
export const asTimeMs: Read<number> = (value) => {
  const timeMs = typeof value === 'string' ? Date.parse(value) : Number.NaN;
  return Number.isNaN(timeMs) ? undefined : timeMs;
};

/** Labels or annotations. */
export const asTexts: Read<Readonly<Record<string, string>>> = (value) =>
  isRecord(value) && Object.values(value).every((one) => typeof one === 'string')
    ? (value as Record<string, string>)
    : undefined;

/** What may be null; that is `undefined` here, and so is what is missing. */
export function orNull<Value>(read: Read<Value>): Read<{ readonly value: Value | undefined }> {
  return (value) => {
    if (value === null || value === undefined) return { value: undefined };
    const found = read(value);
    return found === undefined ? undefined : { value: found };
  };
}

/** A list of what `read` reads. */
export function asList<Value>(read: Read<Value>): Read<readonly Value[]> {
  return (value) => {
    if (!Array.isArray(value)) return undefined;
    const items: Value[] = [];
    for (const one of value) {
      const found = read(one);
      if (found === undefined) return undefined;
      items.push(found);
    }
    return items;
  };
}

type Fields<Value> = { readonly [Name in keyof Value]-?: Read<Value[Name]> | Optional<Value[Name]> };
interface Optional<Value> {
  readonly optional: Read<{ readonly value: Value | undefined }>;
}

/** A field that may be null or missing. */
export function maybe<Value>(read: Read<NonNullable<Value>>): Optional<Value> {
  return { optional: orNull(read) as Optional<Value>['optional'] };
}

/** An object with these fields; others are passed over. */
export function asObject<Value extends object>(fields: Fields<Value>): Read<Value> {
  const known = Object.entries(fields) as [string, Read<unknown> | Optional<unknown>][];
  return (value) => {
    if (!isRecord(value)) return undefined;
    const object: Record<string, unknown> = {};
    for (const [name, read] of known) {
      if (typeof read === 'function') {
        const found = read(value[name]);
        if (found === undefined) return undefined;
        object[name] = found;
        continue;
      }
      const found = read.optional(value[name]);
      if (found === undefined) return undefined;
      if (found.value !== undefined) object[name] = found.value;
    }
    return object as Value;
  };
}

/** Asks alerting and reads what it says. */
export async function askFor<Value>(
  alerting: AlertingClient,
  request: AlertingRequest,
  read: Read<Value>,
): Promise<Answer<Value>> {
  const answer = await alerting.ask(request);
  if (answer.status !== 'ok') return answer;
  const value = read(answer.value);
  return value === undefined
    ? unavailable('bad_answer', 'Alerting answered with something that the console does not understand.')
    : available(value);
}

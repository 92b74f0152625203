import { z } from 'zod';
import { type Address, parseAddress } from '../address.ts';
import { parseDuration } from '../duration.ts';
import { parseSize } from '../size.ts';

/**
 * A scalar that is written as text and read into something else. The issue it raises carries `expected`, from
 * which the report makes its sentence.
 */
export function scalar<Output>(expected: string, parse: (value: string | number) => Output | undefined) {
  return z.custom<string | number>().transform((value, context): Output => {
    const usable = typeof value === 'string' || typeof value === 'number';
    const parsed = usable ? parse(value) : undefined;
    if (parsed !== undefined) return parsed;
    context.addIssue({ code: 'custom', message: `expected ${expected}`, params: { expected } });
    return z.NEVER;
  });
}

/** A duration in Prometheus's form; read as milliseconds. */
export const duration = scalar('a duration such as 10s, 1m30s or 500ms', (value) => parseDuration(String(value)));

/** A duration above zero; read as milliseconds. */
export const positiveDuration = scalar('a duration above zero such as 10s or 5m', (value) => {
  const durationMs = parseDuration(String(value));
  return durationMs !== undefined && durationMs > 0 ? durationMs : undefined;
});

/** A port or `host:port`. */
export const address = scalar<Address>('a port (0-65535) or host:port', parseAddress);

/** Where a server listens: on loopback unless it is set. */
export const listen = (port: number) => address.default({ host: '127.0.0.1', port });

/** A whole number: every scalar of a file arrives as text. */
export const wholeNumber = (lowest: number, highest = Number.MAX_SAFE_INTEGER) =>
  z.preprocess(
    (value) => (typeof value === 'string' && /^-?\d+(?:\.\d+)?$/.test(value) ? Number(value) : value),
    z.int().min(lowest).max(highest),
  );

/** A part of a hundred, with or without its sign; read as a number from 0 to 100. */
export const percentage = scalar('a percentage from 0 to 100', (value) => {
  const [, number] = /^(\d+(?:\.\d+)?)\s*%?$/.exec(String(value)) ?? [];
  return number !== undefined && Number(number) <= 100 ? Number(number) : undefined;
});

/** `true` or `false`. */
export const flag = z.preprocess(
  (value) => (typeof value === 'string' && /^(?:true|false)$/i.test(value) ? value.toLowerCase() === 'true' : value),
  z.boolean(),
);

/** A size in bytes with a binary unit; read as bytes. */
export const size = scalar('a size such as 64MiB or 2GiB', parseSize);

/** An absolute http or https URL; kept as text. */
export const httpUrl = scalar('an http:// or https:// URL', (value) => {
  const url = URL.parse(String(value));
  return url && (url.protocol === 'http:' || url.protocol === 'https:') ? String(value) : undefined;
});

/** An absolute ws or wss URL; kept as text. Source: RFC 6455, section 3: without a fragment. */
export const webSocketUrl = scalar('a ws:// or wss:// URL without a fragment', (value) => {
  const url = URL.parse(String(value));
  return url && (url.protocol === 'ws:' || url.protocol === 'wss:') && url.hash === '' ? String(value) : undefined;
});

/**
 * One http or https URL or a list of them, none twice; kept as it was written. A path or a query would say something else to ClickHouse's
 * client than to the reader, so they are refused.
 */
export const httpUrlList = z
  .custom<string | readonly string[]>()
  .transform((value, context): string | readonly string[] => {
    const expected = 'an http:// or https:// URL';
    const refuse = (path: readonly number[], what: string) =>
      context.addIssue({ code: 'custom', path: [...path], message: `expected ${what}`, params: { expected: what } });
    const isList = Array.isArray(value);
    const list: readonly unknown[] = isList ? value : [value];
    if (list.length === 0) refuse([], `${expected}, or a list of them`);
    for (const [index, entry] of list.entries()) {
      const path = isList ? [index] : [];
      const url = typeof entry === 'string' ? URL.parse(entry) : undefined;
      if (!url || !['http:', 'https:'].includes(url.protocol)) refuse(path, expected);
      else if (url.pathname !== '/' || url.search !== '' || url.hash !== '')
        refuse(path, 'a URL without a path or a query (clickhouse.database names the database)');
      else if (list.indexOf(entry) < index) refuse(path, 'each URL once');
    }
    return value;
  });

/** `host:port` with both parts given, as Alertmanager writes a smarthost. */
export const hostPort = scalar<Address>('host:port', (value) =>
  String(value).includes(':') ? parseAddress(value) : undefined,
);

/** An IANA time-zone name. */
export const timeZone = scalar('an IANA time zone such as Europe/Berlin', (value) => {
  try {
    new Intl.DateTimeFormat('en', { timeZone: String(value) });
    return String(value);
  } catch {
    return undefined;
  }
});

/** Text that is not empty. */
export const text = scalar('text that is not empty', (value) => (value === '' ? undefined : String(value)));

/** A Prometheus label name. Source: Prometheus documentation, "Data model", metric names and labels. */
export const labelName = z.string().regex(/^[a-zA-Z_][a-zA-Z0-9_]*$/, 'expected a label name: letters, digits and _');

/** A label name with any characters, as Alertmanager takes them since 0.27. */
export const utf8LabelName = scalar('a label name', (value) => (value === '' ? undefined : String(value)));

/** Label or annotation values: text, exactly as written (`1.0` stays `1.0`). */
export const labelMap = z.record(labelName, z.string());

/** In the order in which ISO 8601 counts them: Monday is 1. */
const WEEKDAYS = ['monday', 'tuesday', 'wednesday', 'thursday', 'friday', 'saturday', 'sunday'] as const;

/** `sunday` or `sun`, in any case, as ISO 8601 counts it; 0 for another word. */
export function weekdayOf(word: string): number {
  const lower = word.toLowerCase();
  return WEEKDAYS.findIndex((name) => lower === name || lower === name.slice(0, 3)) + 1;
}

/** `HH:MM`, kept as text. */
export const timeOfDay = scalar('a time of day such as 02:30', (value) =>
  /^(?:[01]\d|2[0-3]):[0-5]\d$/.test(String(value)) ? String(value) : undefined,
);

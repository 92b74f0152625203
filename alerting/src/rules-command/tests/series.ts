/** A metric's points as a unit test writes them. `undefined` is a moment without a point. */
export interface Series {
  readonly metric: string;
  readonly attributes: Readonly<Record<string, string>>;
  readonly values: readonly (number | undefined)[];
}

/** The most points of one series: a step more than a week of seconds. */
const MAX_VALUES = 1_000_000;
const LABEL = /\s*(?:"((?:[^"\\]|\\.)+)"|([^\s"=,{}]+))\s*=\s*"((?:[^"\\]|\\.)*)"\s*(,|$)/y;
const NUMBER = String.raw`[+-]?(?:\d+(?:\.\d+)?(?:e[+-]?\d+)?|inf|nan)`;
const STEPS = new RegExp(String.raw`^(${NUMBER})(?:([+-])(${NUMBER}))?x(\d+)$`, 'i');
const SINGLE = new RegExp(`^${NUMBER}$`, 'i');

/** A series that cannot be read. */
export class SeriesError extends Error {
  override readonly name = 'SeriesError';
  readonly code = 'TOCSIN_ALERTING_SERIES_INVALID';
}

/**
 * Reads promtool's notation: `1 2 _ 3`, `0+10x5` (0, 10, … 50), `100-10x5`, `1x3` (four times 1), `_x3` (three without). `stale` is a moment without a
 * point, as there is no staleness in OTLP. Source: Prometheus documentation, "Unit Testing for Rules", `<series>`.
 * @param name as `up{job="shop"}`; metrics and attributes may have dots
 * @throws SeriesError with what was expected
 */
export function parseSeries(name: string, values: string): Series {
  const [, metric = '', labels] = /^\s*([^\s{}"]+)\s*(?:\{(.*)\})?\s*$/s.exec(name) ?? [];
  if (metric === '') throw new SeriesError(`expected a series such as up{job="shop"}, found ${JSON.stringify(name)}`);
  const parsed = values
    .split(/\s+/)
    .filter((word) => word !== '')
    .flatMap(readWord);
  if (parsed.length > MAX_VALUES)
    throw new SeriesError(`expected at most ${MAX_VALUES} values, found ${parsed.length} in ${metric}`);
  return { metric, attributes: readLabels(labels ?? '', name), values: parsed };
}

function readLabels(source: string, name: string): Record<string, string> {
  const found: Record<string, string> = {};
  LABEL.lastIndex = 0;
  let end = 0;
  while (source.slice(end).trim() !== '') {
    const match = LABEL.exec(source);
    if (!match)
      throw new SeriesError(`expected labels such as {job="shop", code="500"}, found ${JSON.stringify(name)}`);
    end = LABEL.lastIndex;
    found[unescape(match[1] ?? match[2] ?? '')] = unescape(match[3] ?? '');
  }
  return found;
}

function readWord(word: string): (number | undefined)[] {
  if (word === '_' || word === 'stale') return [undefined];
  const gap = /^_x(\d+)$/.exec(word)?.[1];
  if (gap !== undefined) return Array.from({ length: bounded(gap, word) }, () => undefined);
  if (SINGLE.test(word)) return [toNumber(word)];
  const [, first, sign, step, count] = STEPS.exec(word) ?? [];
  if (first === undefined || count === undefined)
    throw new SeriesError(`expected values such as 1 2 _ 0+10x5, found ${JSON.stringify(word)}`);
  const by = step === undefined ? 0 : toNumber(step) * (sign === '-' ? -1 : 1);
  return Array.from({ length: bounded(count, word) + 1 }, (_, at) => toNumber(first) + (at === 0 ? 0 : by * at));
}

function bounded(count: string, word: string): number {
  if (Number(count) < MAX_VALUES) return Number(count);
  throw new SeriesError(`expected at most ${MAX_VALUES} values, found ${word}`);
}

function toNumber(word: string): number {
  const [, sign = '', rest = ''] = /^([+-]?)(.*)$/.exec(word.toLowerCase()) ?? [];
  const number = rest === 'inf' ? Number.POSITIVE_INFINITY : rest === 'nan' ? Number.NaN : Number(rest);
  return sign === '-' ? -number : number;
}

function unescape(text: string): string {
  return text.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));
}

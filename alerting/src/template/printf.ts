import { formatE, formatF, formatG, printValue, typeName, type Value } from './format.ts';

const VERB = /%([-+# 0]*)(\d+)?(?:\.(\d*))?([a-zA-Z%]|$)/g;
/** The widest field; a longer one would only fill memory. */
const MAX_WIDTH = 1_000;

/**
 * Go's `fmt.Sprintf` for the verbs that make sense for text and numbers: `%s %v %q %d %x %X %c %t %f %e %g`. A wrong use
 * prints what Go prints (`%!d(float64=3)`, `%!s(MISSING)`, `%!(EXTRA …)`). Source: Go, package fmt.
 */
export function sprintf(format: string, values: readonly Value[]): string {
  let used = 0;
  const text = format.replace(VERB, (...match: (string | undefined)[]) => {
    const [, flags = '', width, precision, verb = ''] = match;
    if (verb === '%') return '%';
    if (verb === '') return '%!(NOVERB)';
    if (used >= values.length) return `%!${verb}(MISSING)`;
    const value = values[used];
    used += 1;
    const decimals = precision === undefined ? undefined : Number(precision);
    const body = formatVerb(verb, value, decimals);
    if (body === undefined) return `%!${verb}(${typeName(value)}=${printValue(value)})`;
    return pad(sign(body, value, flags), Math.min(Number(width ?? 0), MAX_WIDTH), flags);
  });
  const extra = values.slice(used).map((value) => `${typeName(value)}=${printValue(value)}`);
  return extra.length === 0 ? text : `${text}%!(EXTRA ${extra.join(', ')})`;
}

function formatVerb(verb: string, value: Value, precision: number | undefined): string | undefined {
  if (verb === 'v') return typeof value === 'number' ? formatG(value, precision) : printValue(value);
  if (typeof value === 'string') return formatText(verb, value, precision);
  if (typeof value === 'number') return formatFloat(verb, value, precision);
  if (typeof value === 'bigint') return formatInteger(verb, value);
  if (typeof value === 'boolean') return verb === 't' ? String(value) : undefined;
  return verb === 's' ? printValue(value) : undefined;
}

function formatText(verb: string, value: string, precision: number | undefined): string | undefined {
  const cut = precision === undefined ? value : Array.from(value).slice(0, precision).join('');
  if (verb === 's') return cut;
  if (verb === 'q') return JSON.stringify(cut);
  if (verb === 'x' || verb === 'X') return hexCase(Buffer.from(cut).toString('hex'), verb);
  return undefined;
}

function formatFloat(verb: string, value: number, precision: number | undefined): string | undefined {
  if (verb === 'f' || verb === 'F') return formatF(value, precision ?? 6);
  if (verb === 'e' || verb === 'E') return hexCase(formatE(value, precision ?? 6), verb);
  if (verb === 'g' || verb === 'G') return hexCase(formatG(value, precision), verb);
  return undefined;
}

function formatInteger(verb: string, value: bigint): string | undefined {
  if (verb === 'd') return String(value);
  if (verb === 'x' || verb === 'X') return hexCase(value.toString(16), verb);
  if (verb === 'c') return value >= 0n && value <= 0x10ffffn ? String.fromCodePoint(Number(value)) : '\ufffd';
  return undefined;
}

/** An upper-case verb writes in upper case. */
function hexCase(text: string, verb: string): string {
  return verb === verb.toUpperCase() ? text.toUpperCase() : text;
}

function sign(text: string, value: Value, flags: string): string {
  const numeric = typeof value === 'number' || typeof value === 'bigint';
  if (!numeric || /^[-+]/.test(text)) return text;
  if (flags.includes('+')) return `+${text}`;
  return flags.includes(' ') ? ` ${text}` : text;
}

function pad(text: string, width: number, flags: string): string {
  if (flags.includes('-')) return text.padEnd(width);
  if (!flags.includes('0')) return text.padStart(width);
  const mark = /^[-+ ]/.exec(text)?.[0] ?? '';
  return mark + text.slice(mark.length).padStart(width - mark.length, '0');
}

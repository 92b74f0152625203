import type { LabelSet } from '../alert.ts';
import type { ExpressionResult, Sample } from './expression.ts';

/** ClickHouse's `FORMAT JSONCompact`. */
export interface SqlResult {
  readonly meta: readonly { readonly name: string; readonly type: string }[];
  readonly data: readonly (readonly unknown[])[];
}

const NUMERIC = /^(?:U?Int\d+|Float\d+|BFloat16|Decimal.*)$/;
const TEXTUAL = /^(?:String|FixedString.*|Enum.*|UUID|IPv[46])$/;
const DENORMAL: Readonly<Record<string, number>> = {
  nan: Number.NaN,
  '-nan': Number.NaN,
  inf: Number.POSITIVE_INFINITY,
  '+inf': Number.POSITIVE_INFINITY,
  '-inf': Number.NEGATIVE_INFINITY,
};
const ANNOTATION = 'annotation_';
/** The most characters of a row's labels, names counted: as many as a pushed alert may have. */
const MAX_LABEL_CHARS = 65_536;

/**
 * Reads rows as samples: the numeric column `value` is the value, text columns are labels (an empty one is no label), columns named
 * `annotation_<name>` are annotations of any scalar type. Other columns are ignored. A row whose value is NULL is there and not true;
 * NaN is a value like any other, as in Prometheus.
 */
export function readSamples({ meta, data }: SqlResult): ExpressionResult {
  const columns = meta.map(({ name, type }, at) => ({
    name,
    type: plainType(type),
    isNullable: type.includes('Nullable('),
    at,
  }));
  const value = columns.find(({ name }) => name === 'value');
  if (!value) return invalid(`the result has no column "value" (${listColumns(meta)})`);
  if (!NUMERIC.test(value.type)) return invalid(`the column "value" is ${value.type}, not a number`);
  const isAnnotation = (name: string): boolean => name.startsWith(ANNOTATION) && name.length > ANNOTATION.length;
  const annotations = columns.filter(({ name }) => isAnnotation(name));
  const labels = columns.filter(({ name, type }) => name !== 'value' && !isAnnotation(name) && TEXTUAL.test(type));

  const samples: Sample[] = [];
  const quiet: LabelSet[] = [];
  for (const row of data) {
    const number = toNumber(row[value.at]);
    const texts = textsOf(labels, row);
    const chars = texts.reduce((sum, [name, text]) => sum + name.length + text.length, 0);
    if (chars > MAX_LABEL_CHARS)
      return invalid(
        `a row has ${chars} characters of labels, which is more than ${MAX_LABEL_CHARS}: select them as annotation_<name>`,
      );
    const named = Object.fromEntries(texts);
    if (number === undefined) {
      quiet.push(named);
      continue;
    }
    samples.push({
      value: number,
      labels: named,
      annotations: Object.fromEntries(
        textsOf(annotations, row).map(([name, text]) => [name.slice(ANNOTATION.length), text]),
      ),
    });
  }
  return { status: 'ok', samples, quiet: value.isNullable ? quiet : undefined };
}

function textsOf(columns: readonly { name: string; at: number }[], row: readonly unknown[]): [string, string][] {
  return columns.flatMap(({ name, at }) => {
    const text = toText(row[at]);
    return text === '' ? [] : [[name, text] satisfies [string, string]];
  });
}

function toText(cell: unknown): string {
  if (cell === null || cell === undefined) return '';
  if (typeof cell === 'string') return cell;
  return typeof cell === 'number' || typeof cell === 'boolean' ? String(cell) : JSON.stringify(cell);
}

function toNumber(cell: unknown): number | undefined {
  if (typeof cell === 'number') return cell;
  if (typeof cell !== 'string') return undefined;
  return DENORMAL[cell] ?? Number(cell);
}

/** `LowCardinality(Nullable(String))` → `String`. */
function plainType(type: string): string {
  const inner = /^(?:Nullable|LowCardinality)\((.*)\)$/.exec(type)?.[1];
  return inner === undefined ? type : plainType(inner);
}

function listColumns(meta: SqlResult['meta']): string {
  return meta.length === 0 ? 'it has none' : `it has ${meta.map(({ name }) => name).join(', ')}`;
}

function invalid(message: string): ExpressionResult {
  return { status: 'failed', reason: 'invalid_result', message };
}

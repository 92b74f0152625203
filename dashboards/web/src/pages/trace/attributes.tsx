import { useState } from 'preact/hooks';
import type { CutAttribute } from '../../../../src/queries/span-details.ts';
import type { ValuePlace } from '../../../../src/trace/contract-types.ts';
import { callApi } from '../../api/call-api.ts';

/** Names a span. */
export interface SpanOf {
  readonly id: string;
  readonly span: string;
  readonly at: string;
}

/** Longer values are no search: the list of known values does not hold them either. */
const SEARCHED_CHARACTERS = 127;

/** Attributes as they came, each with a way to the traces that have the same one; `searchPrefix` is absent where none can be searched. */
export function Attributes({
  of,
  place,
  part = 1,
  rows,
  count,
  searchPrefix,
}: {
  readonly of: SpanOf;
  readonly place: ValuePlace['place'];
  readonly part?: number;
  readonly rows: readonly CutAttribute[];
  readonly count: number;
  readonly searchPrefix?: string;
}) {
  return (
    <>
      <dl class="facts attributes">
        {rows.map(([key, value, length], index) => [
          <dt key={`t${index}`}>
            <bdi>{key}</bdi>
          </dt>,
          <dd key={`d${index}`}>
            <Value of={of} place={{ place, part, item: index + 1 }} value={value} length={length} />
            {searchPrefix !== undefined && value !== '' && length <= SEARCHED_CHARACTERS && (
              <a
                class="find"
                href={`/traces?where=${encodeURIComponent(`${searchPrefix}${key}=${value}`)}`}
                aria-label={`Traces with the same ${key}`}
                title="Traces with the same"
              >
                ⌕
              </a>
            )}
          </dd>,
        ])}
      </dl>
      {count > rows.length && (
        <p class="soft small">
          The first {rows.length} of {count} attributes are shown.
        </p>
      )}
    </>
  );
}

/** A value; a long one is cut, until somebody wants all of it. */
export function Value({
  of,
  place,
  value,
  length,
}: {
  readonly of: SpanOf;
  readonly place: ValuePlace;
  readonly value: string;
  readonly length: number;
}) {
  const [whole, setWhole] = useState<{ readonly text?: string; readonly trouble?: string }>();
  // As the server counts: characters, not units of UTF-16.
  const isCut = length > value.length || (length > 900 && Array.from(value).length < length);
  if (!isCut) return <bdi>{value}</bdi>;
  const load = async (): Promise<void> => {
    const result = await callApi('GET /api/v1/traces/:id/value', { ...of, ...place });
    if (result.status !== 'ok') return setWhole({ trouble: result.message });
    const { value: text, length: all } = result.value;
    setWhole({ text, ...(text.length < all && { trouble: `Only the first ${text.length} characters are shown.` }) });
  };
  if (whole?.text !== undefined)
    return (
      <>
        <pre class="whole" tabIndex={0} aria-label="The whole value">
          <bdi>{whole.text}</bdi>
        </pre>
        {whole.trouble !== undefined && <span class="soft small">{whole.trouble}</span>}
      </>
    );
  return (
    <>
      <bdi>{value}</bdi>…{' '}
      <button type="button" onClick={() => void load()}>
        Show all {length.toLocaleString('en-GB')} characters
      </button>
      {whole?.trouble !== undefined && <span class="bad small"> {whole.trouble}</span>}
    </>
  );
}

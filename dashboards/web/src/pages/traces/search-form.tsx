import { useId, useState } from 'preact/hooks';
import { useApi } from '../../api/use-api.ts';
import { timeWindow } from '../../state/clock.ts';
import { query, setQuery } from '../../state/url.ts';
import { readDuration, readSearch } from './search-query.ts';

const DAY_MS = 86_400_000;

/** What is searched for; each field completes from what was seen, and goes into the URL when it is left or Enter is pressed. */
export function SearchForm() {
  const { service, operation, status, root, sort, where } = readSearch(query.value);
  const { fromMs, toMs } = timeWindow.value;
  const services = useApi('GET /api/v1/traces/known/services', { from: fromMs, to: toMs });
  const operations = useApi('GET /api/v1/traces/known/operations', { from: fromMs, to: toMs, service });
  const change = (changes: Record<string, string | string[] | undefined>): void =>
    setQuery({ ...changes, before: undefined });
  return (
    <form class="search" role="search" aria-label="Traces" onSubmit={(event) => event.preventDefault()}>
      <Field
        label="Service"
        value={service ?? ''}
        known={services.value ?? []}
        isFirst
        onChange={(value) => change({ service: value, operation: undefined })}
      />
      <Field
        label="Operation"
        value={operation ?? ''}
        known={operations.value ?? []}
        onChange={(value) => change({ operation: value })}
      />
      <label>
        Status
        <select value={status ?? ''} onChange={({ currentTarget }) => change({ status: currentTarget.value })}>
          <option value="">any</option>
          <option value="error">error</option>
          <option value="ok">no error</option>
        </select>
      </label>
      <Duration label="At least" name="min" onChange={change} />
      <Duration label="Less than" name="max" onChange={change} />
      <label>
        Order
        <select
          value={sort ?? 'newest'}
          onChange={({ currentTarget: { value } }) => change({ sort: value === 'slowest' ? value : undefined })}
        >
          <option value="newest">newest first</option>
          <option value="slowest">slowest first</option>
        </select>
      </label>
      <label class="check">
        <input
          type="checkbox"
          checked={root === true}
          onChange={({ currentTarget }) => change({ root: currentTarget.checked ? 'true' : undefined })}
        />
        roots only
      </label>
      <Conditions where={where} fromMs={Math.floor((toMs - DAY_MS) / DAY_MS) * DAY_MS} onChange={change} />
    </form>
  );
}

type Change = (changes: Record<string, string | string[] | undefined>) => void;

function Field({
  label,
  value,
  known,
  isFirst = false,
  onChange,
}: {
  readonly label: string;
  readonly value: string;
  readonly known: readonly string[];
  readonly isFirst?: boolean;
  readonly onChange: (value: string) => void;
}) {
  const list = useId();
  return (
    <label class="wide">
      {label}
      <input
        type="search"
        key={value}
        defaultValue={value}
        list={list}
        placeholder="any"
        autoComplete="off"
        maxLength={500}
        onChange={({ currentTarget }) => onChange(currentTarget.value.trim())}
        {...(isFirst && { 'data-search': true })}
      />
      <datalist id={list}>
        {known.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </label>
  );
}

function Duration({
  label,
  name,
  onChange,
}: {
  readonly label: string;
  readonly name: string;
  readonly onChange: Change;
}) {
  const value = query.value.get(name) ?? '';
  const isWrong = value !== '' && readDuration(value) === undefined;
  return (
    <label class="short">
      {label}
      <input
        key={value}
        defaultValue={value}
        placeholder="250ms"
        maxLength={20}
        aria-invalid={isWrong}
        title="As 250ms, 1.5s, 2min"
        onChange={({ currentTarget }) => onChange({ [name]: currentTarget.value.trim() })}
      />
      {isWrong && <span class="bad small">as 250ms, 1.5s</span>}
    </label>
  );
}

/** Attributes: chips that are there, and a field that completes keys, and after an operator the values of the key. */
function Conditions({
  where,
  fromMs,
  onChange,
}: {
  readonly where: readonly string[];
  readonly fromMs: number;
  readonly onChange: Change;
}) {
  const [text, setText] = useState('');
  const list = useId();
  const [, key = '', operator = ''] = /^([^=!~<>]+)(!=|[=~])/.exec(text) ?? [];
  const keys = useApi('GET /api/v1/traces/known/keys', { from: fromMs });
  const values = useApi('GET /api/v1/traces/known/values', key === '' ? undefined : { from: fromMs, key });
  const known =
    key === ''
      ? (keys.value ?? []).flatMap((one) => [`${one}=`])
      : (values.value ?? []).map((value) => `${key}${operator}${value}`);
  const add = (): void => {
    if (text.trim() === '' || /[=~<>]$/.test(text.trim())) return;
    onChange({ where: [...new Set([...where, text.trim()])] });
    setText('');
  };
  return (
    <div class="conditions">
      <label class="wide">
        Attribute
        <input
          type="search"
          value={text}
          list={list}
          placeholder="http.route=/cart, resource.host.name~web, size>100"
          autoComplete="off"
          maxLength={1_000}
          onInput={({ currentTarget }) => setText(currentTarget.value)}
          onKeyDown={(event) => {
            if (event.key === 'Enter') add();
          }}
        />
        <datalist id={list}>
          {known.map((one) => (
            <option key={one} value={one} />
          ))}
        </datalist>
      </label>
      <button type="button" onClick={add}>
        Add
      </button>
      {where.length > 0 && (
        <ul class="labels" aria-label="Attributes that are searched for">
          {where.map((one) => (
            <li key={one}>
              <bdi>{one}</bdi>{' '}
              <button
                type="button"
                aria-label={`Do not search for ${one}`}
                onClick={() => onChange({ where: where.filter((other) => other !== one) })}
              >
                ×
              </button>
            </li>
          ))}
        </ul>
      )}
    </div>
  );
}

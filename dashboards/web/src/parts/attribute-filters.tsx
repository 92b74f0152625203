import { useId, useState } from 'preact/hooks';
import { useApi } from '../api/use-api.ts';
import { timeWindow } from '../state/clock.ts';
import { query, setQuery } from '../state/url.ts';

const OPERATORS = { '=': 'is', '!=': 'is not', '~': 'contains' } as const;
type Operator = keyof typeof OPERATORS;

/** Adds a filter `key=value` to this page's URL (parameter `where`). */
export function addFilter(key: string, operator: Operator, value: string): void {
  const text = `${key}${operator}${value}`;
  const current = query.value.getAll('where');
  if (!current.includes(text)) setQuery({ where: [...current, text] });
}

/** Something chosen, with a way to take it back. */
export function Chip({ text, onRemove }: { readonly text: string; readonly onRemove: () => void }) {
  return (
    <li class="chip">
      <bdi>{text.length > 120 ? `${text.slice(0, 120)}…` : text}</bdi>
      <button type="button" aria-label={`Remove ${text.slice(0, 120)}`} onClick={onRemove}>
        ×
      </button>
    </li>
  );
}

/** The filters of the URL (`where`) and a form for one more; keys and values are completed from those that have been seen. */
export function AttributeFilters({
  signal,
  name,
}: {
  readonly signal: 'logs' | 'metrics';
  readonly name?: string | undefined;
}) {
  const filters = query.value.getAll('where');
  return (
    <div class="filters">
      {filters.length > 0 && (
        <ul class="chips" aria-label="Filters">
          {filters.map((text) => (
            <Chip key={text} text={text} onRemove={() => setQuery({ where: filters.filter((one) => one !== text) })} />
          ))}
        </ul>
      )}
      <FilterForm signal={signal} name={name} />
    </div>
  );
}

function FilterForm({ signal, name }: { readonly signal: 'logs' | 'metrics'; readonly name: string | undefined }) {
  const id = useId();
  const [key, setKey] = useState('');
  const [operator, setOperator] = useState<Operator>('=');
  const [value, setValue] = useState('');
  const [isOpen, setOpen] = useState(false);
  const from = timeWindow.value.fromMs;
  const keys = useApi('GET /api/v1/known/keys', isOpen ? { signal, name, from: Math.floor(from) } : undefined);
  const known = keys.value?.some((one) => one.key === key) ?? false;
  const values = useApi(
    'GET /api/v1/known/values',
    isOpen && known ? { signal, name, key, from: Math.floor(from) } : undefined,
  );
  const isWrong = key !== '' && /[=!~]/.test(key);
  const add = (event: Event): void => {
    event.preventDefault();
    if (key.trim() === '' || isWrong) return;
    addFilter(key.trim(), operator, value);
    setKey('');
    setValue('');
  };
  return (
    <form class="filter-form" onSubmit={add} onFocusIn={() => setOpen(true)}>
      <input
        aria-label="Attribute"
        placeholder="attribute"
        list={`${id}k`}
        value={key}
        maxLength={200}
        aria-invalid={isWrong}
        onInput={(event) => setKey(event.currentTarget.value)}
      />
      <select
        aria-label="How it is compared"
        value={operator}
        onChange={(event) => setOperator(event.currentTarget.value as Operator)}
      >
        {Object.entries(OPERATORS).map(([sign, words]) => (
          <option key={sign} value={sign}>
            {words}
          </option>
        ))}
      </select>
      <input
        aria-label="Value"
        placeholder="value"
        list={`${id}v`}
        value={value}
        maxLength={1_000}
        onInput={(event) => setValue(event.currentTarget.value)}
      />
      <button type="submit" disabled={key.trim() === '' || isWrong}>
        Filter
      </button>
      <datalist id={`${id}k`}>
        {[...new Set(keys.value?.map((one) => one.key))].map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
      <datalist id={`${id}v`}>
        {values.value?.map((one) => (
          <option key={one} value={one} />
        ))}
      </datalist>
    </form>
  );
}

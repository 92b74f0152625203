import { useEffect, useState } from 'preact/hooks';
import { useApi } from '../../api/use-api.ts';
import { AttributeFilters, Chip } from '../../parts/attribute-filters.tsx';
import { timeWindow } from '../../state/clock.ts';
import { query, setQuery } from '../../state/url.ts';
import { SEVERITIES } from './severity.ts';

/** While somebody types the URL follows after this time, in ms. */
const TYPING_MS = 400;

/** Everything by which log records are chosen; all of it is in the URL. */
export function SearchBar({ isLive }: { readonly isLive: boolean }) {
  return (
    <div class="log-search">
      <form class="search-bar" role="search" onSubmit={(event) => event.preventDefault()}>
        <TextField />
        <ServiceField />
        <button
          type="button"
          class={isLive ? 'primary' : undefined}
          aria-pressed={isLive}
          onClick={() => setQuery({ live: isLive ? undefined : '1' })}
        >
          Live tail
        </button>
      </form>
      <div class="search-bar">
        <SeverityChoice />
        <TraceChip />
        <AttributeFilters signal="logs" />
      </div>
    </div>
  );
}

function TextField() {
  const inUrl = query.value.get('q') ?? '';
  const [text, setText] = useState(inUrl);
  useEffect(() => setText(inUrl), [inUrl]);
  useEffect(() => {
    if (text === inUrl) return undefined;
    const timer = setTimeout(() => setQuery({ q: text }, { replace: true }), TYPING_MS);
    return () => clearTimeout(timer);
  }, [text]);
  return (
    <input
      type="search"
      data-search
      aria-label="Words in the message"
      placeholder={'words, "words together", -not'}
      maxLength={1_000}
      value={text}
      onInput={(event) => setText(event.currentTarget.value)}
    />
  );
}

function ServiceField() {
  const chosen = query.value.getAll('service');
  const { fromMs, toMs } = timeWindow.value;
  const services = useApi('GET /api/v1/logs/services', { from: Math.floor(fromMs), to: Math.ceil(toMs) });
  const others = services.value?.filter(({ service }) => service !== '' && !chosen.includes(service)) ?? [];
  return (
    <>
      {chosen.length > 0 && (
        <ul class="chips" aria-label="Services">
          {chosen.map((service) => (
            <Chip
              key={service}
              text={service}
              onRemove={() => setQuery({ service: chosen.filter((one) => one !== service) })}
            />
          ))}
        </ul>
      )}
      <select
        aria-label="Service"
        class="service"
        value=""
        onChange={(event) => {
          const { value } = event.currentTarget;
          if (value !== '') setQuery({ service: [...chosen, value] });
        }}
      >
        <option value="">{chosen.length === 0 ? 'All services' : 'One more service'}</option>
        {others.map(({ service }) => (
          <option key={service} value={service}>
            {service.slice(0, 80)}
          </option>
        ))}
      </select>
    </>
  );
}

function SeverityChoice() {
  const chosen = query.value.getAll('severity');
  return (
    <div class="choices" role="group" aria-label="Severity">
      {SEVERITIES.map((severity) => {
        const isChosen = chosen.includes(severity);
        const next = isChosen ? chosen.filter((one) => one !== severity) : [...chosen, severity];
        return (
          <button key={severity} type="button" aria-pressed={isChosen} onClick={() => setQuery({ severity: next })}>
            {severity === 'none' ? 'no severity' : severity}
          </button>
        );
      })}
    </div>
  );
}

function TraceChip() {
  const trace = query.value.get('trace');
  if (trace === null || trace === '') return null;
  return (
    <ul class="chips" aria-label="Trace">
      <Chip text={`trace ${trace}`} onRemove={() => setQuery({ trace: undefined })} />
    </ul>
  );
}

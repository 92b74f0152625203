import { useState } from 'preact/hooks';
import { refresh, refreshMs, timeRange, timeWindow } from '../state/clock.ts';
import { parseLength, PRESETS, REFRESHES, type TimeRange, writeLength, writeRange } from '../state/time-range.ts';
import { setQuery } from '../state/url.ts';
import { formatMoment } from '../words/moment.ts';
import { currentZone } from '../parts/moment.tsx';

/** Which time is looked at, and how often it is asked anew; both are in the URL. */
export function TimeControls() {
  const [isOpen, setOpen] = useState(false);
  const range = timeRange.value;
  const every = refreshMs.value;
  const choose = (next: TimeRange): void => {
    setOpen(false);
    setQuery(writeRange(next));
    refresh();
  };
  return (
    <div class="time" role="group" aria-label="Time">
      <select
        aria-label="Time range"
        value={range.kind === 'fixed' ? 'fixed' : writeLength(range.lengthMs)}
        onChange={({ currentTarget: { value } }) => {
          if (value === 'fixed') setOpen(true);
          else choose({ kind: 'recent', lengthMs: parseLength(value) ?? 3_600_000 });
        }}
      >
        {choices(range).map((text) => (
          <option key={text} value={text}>
            Last {text}
          </option>
        ))}
        <option value="fixed">{range.kind === 'fixed' ? describe(range) : 'From … to …'}</option>
      </select>
      {(isOpen || range.kind === 'fixed') && <FixedRange onChoose={choose} />}
      <select
        aria-label="Ask anew every"
        value={every === undefined ? 'off' : writeLength(every)}
        onChange={({ currentTarget: { value } }) => setQuery({ refresh: value === '10s' ? undefined : value })}
      >
        {REFRESHES.map((text) => (
          <option key={text} value={text}>
            {text === 'off' ? 'No refresh' : `Every ${text}`}
          </option>
        ))}
      </select>
      <button type="button" onClick={refresh} title="Ask anew (r)" aria-label="Ask anew">
        <span aria-hidden="true">⟳</span>
      </button>
    </div>
  );
}

function choices(range: TimeRange): readonly string[] {
  const own = range.kind === 'recent' ? writeLength(range.lengthMs) : undefined;
  return own === undefined || PRESETS.some((one) => one === own) ? PRESETS : [...PRESETS, own];
}

function describe({ fromMs, toMs }: { readonly fromMs: number; readonly toMs: number }): string {
  const [from, to] = [fromMs, toMs].map((atMs) => formatMoment(atMs, currentZone(), 'minute').slice(5));
  return `${from} – ${to}`;
}

/** Two fields, in the browser's own zone as such fields are. */
function FixedRange({ onChoose }: { readonly onChoose: (range: TimeRange) => void }) {
  const { fromMs, toMs } = timeWindow.value;
  const [from, setFrom] = useState(writeLocal(fromMs));
  const [to, setTo] = useState(writeLocal(toMs));
  const range = { kind: 'fixed', fromMs: Date.parse(from), toMs: Date.parse(to) } as const;
  return (
    <form
      class="fixed"
      onSubmit={(event) => {
        event.preventDefault();
        onChoose(range);
      }}
    >
      <input
        type="datetime-local"
        aria-label="From"
        value={from}
        onInput={(event) => setFrom(event.currentTarget.value)}
      />
      <input type="datetime-local" aria-label="To" value={to} onInput={(event) => setTo(event.currentTarget.value)} />
      <button type="submit" disabled={!(range.toMs > range.fromMs)}>
        Show
      </button>
    </form>
  );
}

function writeLocal(atMs: number): string {
  const at = new Date(atMs);
  return new Date(atMs - at.getTimezoneOffset() * 60_000).toISOString().slice(0, 16);
}

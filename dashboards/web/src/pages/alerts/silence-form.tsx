import { useState } from 'preact/hooks';
import type { SilencePreview } from '../../../../src/silences/silence-types.ts';
import { parseMatcher } from '../../../../src/html/matcher.ts';
import { formatCount } from '../../../../src/html/format.ts';
import { callApi } from '../../api/call-api.ts';
import { useAct } from '../../api/use-act.ts';
import { Labels } from '../../parts/labels.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Notice } from '../../parts/notices.tsx';
import { Panel } from '../../parts/panel.tsx';
import { parseLength } from '../../state/time-range.ts';
import { query, setQuery } from '../../state/url.ts';

const LENGTHS = ['30m', '1h', '2h', '8h', '1d', '7d'];
const SHOWN = 8;

/** A new silence: for which labels, how long, why; what it would hit is looked at first. */
export function SilenceForm() {
  const [length, setLength] = useState('2h');
  const [comment, setComment] = useState('');
  const [preview, setPreview] = useState<{ readonly of: string; readonly value: SilencePreview }>();
  const [problem, setProblem] = useState<string>();
  const save = useAct('POST /api/v1/silences');
  const text = query.value.getAll('matcher').join('\n');
  const matchers = text.split('\n').filter((line) => line.trim() !== '');
  const wrong = matchers.find((line) => !parseMatcher(line));
  const looked = preview?.of === text ? preview.value : undefined;

  const look = async (): Promise<void> => {
    const result = await callApi('POST /api/v1/silences/preview', { matchers });
    setProblem(result.status === 'ok' ? undefined : result.message);
    setPreview(result.status === 'ok' ? { of: text, value: result.value } : undefined);
  };
  const silence = async (): Promise<void> => {
    const saved = await save.run({ matchers, endsAt: Date.now() + (parseLength(length) ?? 0), comment });
    if (!saved) return;
    setComment('');
    setQuery({ matcher: undefined });
  };
  return (
    <Panel title="New silence">
      <form
        class="silence-form"
        onSubmit={(event) => {
          event.preventDefault();
          void (looked ? silence() : look());
        }}
      >
        <label>
          Matchers, one a line
          <textarea
            rows={Math.max(2, matchers.length + 1)}
            class="mono"
            placeholder={'alertname="MonitorDown"\nmonitor=~"shop-.*"'}
            value={text}
            data-search
            onInput={(event) => setQuery({ matcher: event.currentTarget.value.split('\n') }, { replace: true })}
          />
        </label>
        <LengthField length={length} onChange={setLength} />
        <label>
          Why
          <input
            type="text"
            required={looked !== undefined}
            value={comment}
            maxLength={2_000}
            placeholder="planned work on the database"
            onInput={(event) => setComment(event.currentTarget.value)}
          />
        </label>
        {wrong !== undefined && (
          <Notice>
            A matcher is written as severity="page" or service=~"shop|pay"; this is none: <bdi>{wrong}</bdi>
          </Notice>
        )}
        <div>
          <button
            type="submit"
            class={looked ? 'primary' : ''}
            disabled={matchers.length === 0 || wrong !== undefined || save.isBusy || (looked && comment.trim() === '')}
          >
            {looked ? 'Silence' : 'What would it hit?'}
          </button>
        </div>
      </form>
      {(problem ?? save.failure?.message) !== undefined && <Notice>{problem ?? save.failure?.message}</Notice>}
      {looked && <Preview preview={looked} />}
    </Panel>
  );
}

function LengthField({ length, onChange }: { readonly length: string; readonly onChange: (length: string) => void }) {
  return (
    <label>
      For
      <select value={length} onChange={(event) => onChange(event.currentTarget.value)}>
        {LENGTHS.map((one) => (
          <option key={one}>{one}</option>
        ))}
      </select>
    </label>
  );
}

function Preview({ preview: { now, lastWeek } }: { readonly preview: SilencePreview }) {
  return (
    <div class="preview" role="status">
      <p>
        <strong>
          {now.count === 0 ? 'No alert that fires now' : `${formatCount(now.count, 'alert')} that fire now`}
        </strong>
        ; in the last week {formatCount(lastWeek.count, 'alert')}, {formatCount(lastWeek.episodes, 'time')} in all.
      </p>
      {now.alerts.slice(0, SHOWN).map(({ fingerprint, labels }) => (
        <div key={fingerprint}>
          <bdi>{labels['alertname']}</bdi> <Labels labels={labels} />
        </div>
      ))}
      {lastWeek.alerts.length > 0 && <p class="soft small">Last week, the most frequent first:</p>}
      {lastWeek.alerts.slice(0, SHOWN).map(({ fingerprint, labels, episodes, lastStartsAt }) => (
        <div key={fingerprint}>
          <bdi>{labels['alertname']}</bdi>{' '}
          <span class="soft small">
            {formatCount(episodes, 'time')}, last at <Moment atMs={lastStartsAt} precision="minute" />
          </span>
          <Labels labels={labels} />
        </div>
      ))}
    </div>
  );
}

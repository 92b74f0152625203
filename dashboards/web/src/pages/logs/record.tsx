import { useState } from 'preact/hooks';
import type { LogRecordRow } from '../../../../src/queries/log-records.ts';
import { addFilter } from '../../parts/attribute-filters.tsx';
import { Moment } from '../../parts/moment.tsx';

/** A log record; it opens to everything that it says. */
export function LogRecord({ record }: { readonly record: LogRecordRow }) {
  const [isOpen, setOpen] = useState(false);
  const { at_ns, service, severity, severity_text, body, trace_id, event } = record;
  const atMs = Number(BigInt(at_ns) / 1_000_000n);
  const word = severity === 'none' ? '–' : severity;
  return (
    <li class={`record ${severity}`}>
      <details onToggle={(event) => setOpen(event.currentTarget.open)}>
        <summary>
          <span class="soft at">
            <Moment atMs={atMs} precision="ms" />
          </span>
          <span class="level" title={severity_text}>
            {word}
          </span>
          <span class="soft from">
            <bdi>{service === '' ? '(no service.name)' : service}</bdi>
          </span>
          <span class="body">
            <bdi>{body === '' ? (event === '' ? '(empty)' : event) : body.slice(0, 1_000)}</bdi>
          </span>
        </summary>
        {isOpen && <Opened record={record} />}
      </details>
      {trace_id !== '' && (
        <a class="small to-trace" href={`/trace/${encodeURIComponent(trace_id)}`}>
          trace
        </a>
      )}
    </li>
  );
}

function Opened({ record }: { readonly record: LogRecordRow }) {
  const { at_ns, body, body_bytes, severity_text, event, scope, trace_id, span_id, attributes, resource } = record;
  const isCut = body_bytes > new TextEncoder().encode(body).length;
  const facts = (
    [
      ['Time', `${at_ns} ns`],
      ['Severity', severity_text],
      ['Event', event],
      ['Scope', scope],
      ['Trace', trace_id],
      ['Span', span_id],
    ] as const
  ).filter(([, text]) => text !== '');
  return (
    <div class="opened">
      <pre tabIndex={0} aria-label="The whole message">
        <bdi>{body}</bdi>
      </pre>
      {isCut && <p class="soft small">Cut here; the whole body has {body_bytes} bytes.</p>}
      <dl class="facts">
        {facts.map(([term, text]) => [
          <dt key={`t${term}`}>{term}</dt>,
          <dd key={`d${term}`}>
            <bdi>{text}</bdi>
          </dd>,
        ])}
      </dl>
      <Attributes title="Attributes" attributes={attributes} />
      <Attributes title="Resource" attributes={resource} />
    </div>
  );
}

function Attributes({
  title,
  attributes,
}: {
  readonly title: string;
  readonly attributes: Readonly<Record<string, string>>;
}) {
  const entries = Object.entries(attributes);
  if (entries.length === 0) return null;
  return (
    <>
      <h3>{title}</h3>
      <dl class="facts">
        {entries.map(([key, value]) => [
          <dt key={`t${key}`}>
            <bdi>{key}</bdi>
          </dt>,
          <dd key={`d${key}`}>
            <bdi>{value}</bdi>
            {!/[=!~]/.test(key) && value.length < 1_000 && (
              <span class="only">
                <button type="button" aria-label={`Only ${key} ${value}`} onClick={() => addFilter(key, '=', value)}>
                  only
                </button>
                <button type="button" aria-label={`Not ${key} ${value}`} onClick={() => addFilter(key, '!=', value)}>
                  not
                </button>
              </span>
            )}
          </dd>,
        ])}
      </dl>
    </>
  );
}

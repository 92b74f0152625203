import type { ComponentChildren } from 'preact';
import { formatCount, formatDurationMs } from '../../../../src/html/format.ts';
import type { SpanDetailsRow } from '../../../../src/queries/span-details.ts';
import type { WaterfallRow } from '../../../../src/trace/contract-types.ts';
import { useApi } from '../../api/use-api.ts';
import { Moment } from '../../parts/moment.tsx';
import { Asked } from '../../parts/notices.tsx';
import { Attributes, Value } from './attributes.tsx';

/** What one span says: its attributes, events and links, those of its resource, and how many records were logged in it. */
export function SpanPanel({
  traceId,
  row,
  logs,
  onClose,
}: {
  readonly traceId: string;
  readonly row: WaterfallRow;
  readonly logs: number;
  readonly onClose: () => void;
}) {
  const { span, offsetMs, skewMs, critical, orphan } = row;
  const loaded = useApi('GET /api/v1/traces/:id/span', { id: traceId, span: span.span_id, at: span.start_ns });
  const criticalMs = (critical ?? []).reduce((sum, [fromMs, toMs]) => sum + toMs - fromMs, 0);
  return (
    <aside class="panel span-panel" aria-label="The chosen span">
      <div class="panel-head">
        <h2>
          <bdi>{span.name}</bdi>
        </h2>
        <button type="button" onClick={onClose}>
          Close
        </button>
      </div>
      <dl class="facts">
        <Fact term="Service">
          <a href={`/service/${encodeURIComponent(span.service || '(no service.name)')}`}>
            <bdi>{span.service || '(no service.name)'}</bdi>
          </a>
        </Fact>
        <Fact term="Start">
          <Moment atMs={span.start_ms} precision="ms" /> (+{formatDurationMs(offsetMs)})
        </Fact>
        <Fact term="Duration">
          {formatDurationMs(span.duration_ms)}
          {critical && `, of which ${formatDurationMs(criticalMs)} on the critical path`}
        </Fact>
        <Fact term="Kind">{span.kind}</Fact>
        <Fact term="Status">
          <span class={span.status === 'Error' ? 'bad' : undefined}>{span.status}</span>
        </Fact>
        <Fact term="Span id">
          <code>
            <bdi>{span.span_id}</bdi>
          </code>
        </Fact>
        {logs > 0 && <Fact term="Logs">{formatCount(logs, 'record')}, below</Fact>}
      </dl>
      {orphan && <p class="soft small">Its parent is not here: not sent, still on its way, or beyond what is shown.</p>}
      {skewMs !== undefined && (
        <p class="soft small">
          It begins {formatDurationMs(skewMs)} before its parent: their clocks differ. The critical path counts it only
          within its parent.
        </p>
      )}
      <Asked loaded={loaded}>{(details) => <Details traceId={traceId} span={span} details={details} />}</Asked>
    </aside>
  );
}

function Fact({ term, children }: { readonly term: string; readonly children: ComponentChildren }) {
  return (
    <>
      <dt>{term}</dt>
      <dd>{children}</dd>
    </>
  );
}

function Details({
  traceId,
  span,
  details,
}: {
  readonly traceId: string;
  readonly span: WaterfallRow['span'];
  readonly details: SpanDetailsRow;
}) {
  const of = { id: traceId, span: span.span_id, at: span.start_ns };
  const { attributes, resource, events, links, status_message: message } = details;
  return (
    <>
      {message !== '' && (
        <p class="bad">
          <Value
            of={of}
            place={{ place: 'message', part: 1, item: 1 }}
            value={message}
            length={details.status_message_length}
          />
        </p>
      )}
      {attributes.length > 0 && <h3>Attributes</h3>}
      <Attributes of={of} place="span" rows={attributes} count={details.attribute_count} searchPrefix="" />
      {events.length > 0 && <h3>Events</h3>}
      {events.map(([name, atMs, rows], index) => (
        <section key={index} class="part" aria-label="Event">
          <p>
            <span class={name === 'exception' ? 'name bad' : 'name'}>
              <bdi>{name}</bdi>
            </span>{' '}
            <span class="soft">
              <Moment atMs={atMs} text={`+${formatDurationMs(Math.max(0, atMs - span.start_ms))}`} />
            </span>
          </p>
          <Attributes of={of} place="event" part={index + 1} rows={rows} count={rows.length} />
        </section>
      ))}
      <More shown={events.length} count={details.event_count} noun="event" />
      {links.length > 0 && <h3>Links</h3>}
      {links.map(([linked, linkedSpan, rows], index) => (
        <section key={index} class="part" aria-label="Link">
          <p>
            <LinkTo traceId={linked} spanId={linkedSpan} />
          </p>
          <Attributes of={of} place="link" part={index + 1} rows={rows} count={rows.length} />
        </section>
      ))}
      <More shown={links.length} count={details.link_count} noun="link" />
      {resource.length > 0 && <h3>Resource</h3>}
      <Attributes of={of} place="resource" rows={resource} count={details.resource_count} searchPrefix="resource." />
      {details.scope !== '' && (
        <p class="soft small">
          Instrumented by <bdi>{details.scope}</bdi>
        </p>
      )}
    </>
  );
}

function LinkTo({ traceId, spanId }: { readonly traceId: string; readonly spanId: string }) {
  if (!/^[0-9a-f]{32}$/.test(traceId)) return <bdi>{traceId === '' ? '(no trace id)' : traceId}</bdi>;
  return (
    <a href={`/trace/${traceId}${spanId === '' ? '' : `?span=${encodeURIComponent(spanId)}`}`}>
      trace <code>{traceId.slice(0, 16)}…</code>
    </a>
  );
}

function More({ shown, count, noun }: { readonly shown: number; readonly count: number; readonly noun: string }) {
  return count > shown ? (
    <p class="soft small">
      The first {shown} of {formatCount(count, noun)} are shown.
    </p>
  ) : null;
}

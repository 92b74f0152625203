import '../alerts/alerts.css';
import { useState } from 'preact/hooks';
import type { IncidentAlert, IncidentPage, TimelineEntry } from '../../../../src/incidents/incident-types.ts';
import { formatAge, formatCount, formatDurationMs } from '../../../../src/html/format.ts';
import { useAct } from '../../api/use-act.ts';
import { useApi } from '../../api/use-api.ts';
import { IncidentBadge, incidentName } from '../../parts/incident-words.tsx';
import { Labels } from '../../parts/labels.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Asked, Notice } from '../../parts/notices.tsx';
import { Panel } from '../../parts/panel.tsx';
import { askedAtMs } from '../../state/clock.ts';
import type { PageProps } from '../../shell/pages-table.ts';
import { useTitle } from '../../shell/use-title.ts';
import { silencePath } from '../alerts/alerts-view.tsx';
import { AcknowledgeButton } from '../alerts/incidents-view.tsx';

/** An incident: what it is, who has it, and its story. */
export function Page({ params: { id = '' } }: PageProps) {
  useTitle('Incident');
  const loaded = useApi('GET /api/v1/incidents/:id', { id });
  return <Asked loaded={loaded}>{(page) => <Whole page={page} />}</Asked>;
}

function Whole({ page: { incident, alerts, timeline, told, waiting } }: { readonly page: IncidentPage }) {
  const name = incidentName(incident);
  useTitle(name);
  const { openedAt, resolvedAt, severity, receiver, status } = incident;
  const lasts =
    resolvedAt === undefined
      ? `for ${formatAge(askedAtMs.value - openedAt)}`
      : `lasted ${formatDurationMs(resolvedAt - openedAt)}`;
  return (
    <>
      <div class="page-head">
        <h1>
          <bdi>{name}</bdi>
        </h1>
        <div>
          <IncidentBadge incident={incident} />
        </div>
        <p class="soft">
          since <Moment atMs={openedAt} />, {lasts}, {formatCount(alerts.length, 'alert')}
          {severity !== '' && (
            <>
              , <bdi>{severity}</bdi>
            </>
          )}
          , to <bdi>{receiver}</bdi>
        </p>
      </div>
      <WhoHasIt incident={incident} waiting={waiting} />
      <div class="two-columns">
        <Panel title="Timeline">
          <Timeline entries={timeline} />
          {status === 'resolved' && timeline.length === 0 && <p class="soft">Nothing is kept of it any more.</p>}
          <NoteForm id={incident.id} />
        </Panel>
        <div>
          <Panel title="Alerts">
            <ul class="incidents">
              {alerts.map((alert) => (
                <AlertItem key={alert.fingerprint} alert={alert} />
              ))}
            </ul>
          </Panel>
          <ToldPanel told={told} />
        </div>
      </div>
    </>
  );
}

function WhoHasIt({ incident, waiting }: Pick<IncidentPage, 'incident' | 'waiting'>) {
  const { acknowledgedBy, nextStep, nextStepAt, status } = incident;
  return (
    <Panel title="Who has it">
      <p>
        {acknowledgedBy === undefined ? (
          'Nobody.'
        ) : (
          <>
            <bdi>{acknowledgedBy}</bdi>.
          </>
        )}
        {status === 'active' && nextStep !== undefined && nextStepAt !== undefined && (
          <>
            {' '}
            Step {nextStep} of the escalation comes at <Moment atMs={nextStepAt} />.
          </>
        )}
      </p>
      <AcknowledgeButton incident={incident} />
      {waiting.length > 0 && (
        <p class="soft small">
          {waiting.map(({ name: who, until }) => (
            <span key={who}>
              <bdi>{who}</bdi> is told after quiet hours, at <Moment atMs={until} />.{' '}
            </span>
          ))}
        </p>
      )}
    </Panel>
  );
}

function ToldPanel({ told }: Pick<IncidentPage, 'told'>) {
  return (
    <Panel title="Told">
      {told.length === 0 ? (
        <p class="soft">Nobody yet.</p>
      ) : (
        <table>
          <tbody>
            {told.map(({ kind, name: who, channel, at }) => (
              <tr key={`${kind} ${who} ${channel}`}>
                <td class="name">
                  <bdi>{who}</bdi>
                </td>
                <td class="soft small">
                  <bdi>{channel}</bdi>
                </td>
                <td class="number">
                  <Moment atMs={at} />
                </td>
              </tr>
            ))}
          </tbody>
        </table>
      )}
    </Panel>
  );
}

function Timeline({ entries }: { readonly entries: readonly TimelineEntry[] }) {
  return (
    <ol class="incidents" aria-label="Timeline">
      {entries.map(({ at, kind, actor, text }, index) => (
        <li key={index}>
          <span class="soft small">
            <Moment atMs={at} />
          </span>{' '}
          <strong>{kind.replaceAll('_', ' ')}</strong>
          {actor !== '' && (
            <>
              {' '}
              by <bdi>{actor}</bdi>
            </>
          )}
          {text !== '' && (
            <p>
              <bdi>{text}</bdi>
            </p>
          )}
        </li>
      ))}
    </ol>
  );
}

function NoteForm({ id }: { readonly id: string }) {
  const [text, setText] = useState('');
  const write = useAct('POST /api/v1/incidents/:id/notes');
  return (
    <form
      class="note"
      onSubmit={(event) => {
        event.preventDefault();
        void write.run({ id, text: text.trim() }).then((saved) => saved && setText(''));
      }}
    >
      <label>
        <span class="hidden-text">A note</span>
        <textarea
          rows={2}
          maxLength={4_000}
          placeholder="A note for whoever looks next"
          value={text}
          onInput={(event) => setText(event.currentTarget.value)}
        />
      </label>
      <button type="submit" disabled={write.isBusy || text.trim() === ''}>
        Write it down
      </button>
      {write.failure && <Notice>{write.failure.message}</Notice>}
    </form>
  );
}

function AlertItem({ alert: { labels, annotations, startsAt } }: { readonly alert: IncidentAlert }) {
  const { summary, description, trace_id: trace } = annotations;
  return (
    <li>
      <strong>
        <bdi>{summary ?? labels['alertname'] ?? 'Alert'}</bdi>
      </strong>{' '}
      <span class="soft small">
        since <Moment atMs={startsAt} />
      </span>
      {description !== undefined && description !== summary && (
        <p class="soft small">
          <bdi>{description}</bdi>
        </p>
      )}
      <Labels labels={labels} />
      <p class="small">
        <a href={silencePath(labels)}>Silence</a>
        {labels['monitor'] !== undefined && (
          <>
            {' '}
            · <a href={`/monitor/${encodeURIComponent(labels['monitor'])}`}>Monitor</a>
          </>
        )}
        {trace !== undefined && /^[0-9a-f]{32}$/i.test(trace) && (
          <>
            {' '}
            · <a href={`/trace/${trace}`}>Trace</a>
          </>
        )}
      </p>
    </li>
  );
}

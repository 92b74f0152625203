import type { AlertView } from '../../../../src/alerts/alert-types.ts';
import { writeMatcher } from '../../../../src/html/matcher.ts';
import { formatAge } from '../../../../src/html/format.ts';
import { useApi } from '../../api/use-api.ts';
import { Labels } from '../../parts/labels.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Asked, Empty } from '../../parts/notices.tsx';
import { Panel } from '../../parts/panel.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { askedAtMs } from '../../state/clock.ts';
import { query, setQuery } from '../../state/url.ts';
import { safeUrl } from '../../words/safe-url.ts';

const SHOWN = 200;

/** What fires, what is silenced, and what waits for its `for`. */
export function AlertsView() {
  const alerts = useApi('GET /api/v1/alerts', {});
  const rules = useApi('GET /api/v1/rules', {});
  const wanted = (query.value.get('q') ?? '').toLowerCase();
  const isWanted = (labels: Readonly<Record<string, string>>): boolean =>
    Object.entries(labels).some(([name, value]) => `${name}=${value}`.toLowerCase().includes(wanted));
  return (
    <>
      <p>
        <input
          type="search"
          data-search
          aria-label="Only alerts with this in a label"
          placeholder="a label, as service=shop"
          value={query.value.get('q') ?? ''}
          onInput={(event) => setQuery({ q: event.currentTarget.value }, { replace: true })}
        />
      </p>
      <Panel title="Firing">
        <Asked loaded={alerts}>
          {(list) => {
            const shown = list.filter(({ labels }) => isWanted(labels));
            if (list.length === 0) return <Empty title="No alert is firing" />;
            return (
              <ul class="incidents">
                {shown.slice(0, SHOWN).map((alert) => (
                  <FiringAlert key={alert.fingerprint} alert={alert} />
                ))}
                {shown.length > SHOWN && <li class="soft">And {shown.length - SHOWN} more.</li>}
                {shown.length === 0 && <li class="soft">None of {list.length} has that in a label.</li>}
              </ul>
            );
          }}
        </Asked>
      </Panel>
      <Panel title="Pending" aside="true for less long than their rule's for">
        <Asked loaded={rules}>
          {(list) => {
            const pending = list.flatMap((rule) =>
              rule.alerts.filter((alert) => alert.state === 'pending').map((alert) => ({ rule, alert })),
            );
            if (pending.length === 0) return <p class="soft">None.</p>;
            return (
              <ul class="incidents">
                {pending.slice(0, SHOWN).map(({ rule, alert }) => (
                  <li key={JSON.stringify(alert.labels)}>
                    <StateBadge tone="unknown">Pending</StateBadge>{' '}
                    <strong>
                      <bdi>{rule.name}</bdi>
                    </strong>{' '}
                    <span class="soft small">
                      since <Moment atMs={alert.activeAt} />
                    </span>
                    <Labels labels={alert.labels} />
                  </li>
                ))}
              </ul>
            );
          }}
        </Asked>
      </Panel>
    </>
  );
}

function FiringAlert({ alert }: { readonly alert: AlertView }) {
  const { name, labels, annotations, startsAtMs, silencedBy, inhibitedBy, mutedBy, receivers } = alert;
  const { summary, description, trace_id: trace, runbook_url: link } = annotations;
  const runbook = link === undefined ? undefined : safeUrl(link);
  const isQuiet = silencedBy.length + inhibitedBy.length + mutedBy.length > 0;
  const why = [
    silencedBy.length > 0 && 'silenced',
    inhibitedBy.length > 0 && 'explained by another alert',
    mutedBy.length > 0 && `muted by ${mutedBy.join(', ')}`,
    receivers.length === 0 && 'goes to no receiver',
  ].filter((one) => one !== false);
  return (
    <li>
      <StateBadge tone={isQuiet ? 'off' : 'down'}>{isQuiet ? 'Quiet' : 'Firing'}</StateBadge>{' '}
      <strong>
        <bdi>{name}</bdi>
      </strong>{' '}
      <span class="soft small">
        for <Moment atMs={startsAtMs} text={formatAge(askedAtMs.value - startsAtMs)} />
        {receivers.length > 0 && (
          <>
            , to <bdi>{receivers.join(', ')}</bdi>
          </>
        )}
        {why.length > 0 && `, ${why.join(', ')}`}
      </span>
      {summary !== undefined && (
        <p>
          <bdi>{summary}</bdi>
        </p>
      )}
      {description !== undefined && description !== summary && (
        <p class="soft small">
          <bdi>{description}</bdi>
        </p>
      )}
      <Labels labels={labels} />
      <p class="small">
        <a href={silencePath(labels)}>Silence</a>
        {trace !== undefined && /^[0-9a-f]{32}$/i.test(trace) && (
          <>
            {' '}
            · <a href={`/trace/${trace}`}>Trace</a>
          </>
        )}
        {runbook !== undefined && (
          <>
            {' '}
            ·{' '}
            <a href={runbook} rel="noreferrer">
              Runbook
            </a>
          </>
        )}
      </p>
    </li>
  );
}

/** The form of a silence for exactly these labels. */
export function silencePath(labels: Readonly<Record<string, string>>): string {
  const query = new URLSearchParams({ view: 'silences' });
  for (const [name, value] of Object.entries(labels))
    query.append('matcher', writeMatcher({ name, value, isRegex: false, isEqual: true }));
  return `/alerts?${query}`;
}

import type { FiringAlert } from '../../../../src/alerts/alert-types.ts';
import { formatAge } from '../../../../src/html/format.ts';
import type { Part } from '../../../../src/part-types.ts';
import { Labels } from '../../parts/labels.tsx';
import { Moment } from '../../parts/moment.tsx';
import { PartOf } from '../../parts/notices.tsx';
import { Panel } from '../../parts/panel.tsx';
import { StateBadge } from '../../parts/state-badge.tsx';
import { safeUrl } from '../../words/safe-url.ts';
import { sayOnce } from './say-once.ts';

const SHOWN = 50;

/** What fires now. */
export function AlertsPanel({
  alerts,
  nowMs,
}: {
  readonly alerts: Part<readonly FiringAlert[]>;
  readonly nowMs: number;
}) {
  return (
    <Panel title="Firing alerts">
      <PartOf part={alerts}>
        {(list) =>
          list.length === 0 ? (
            <p class="soft">No alert is firing.</p>
          ) : (
            <>
              <ul class="alerts">
                {list.slice(0, SHOWN).map((alert) => (
                  <Alert key={alert.fingerprint} alert={alert} nowMs={nowMs} />
                ))}
              </ul>
              {list.length > SHOWN && <p class="soft">And {list.length - SHOWN} more.</p>}
            </>
          )
        }
      </PartOf>
    </Panel>
  );
}

function Alert({ alert, nowMs }: { readonly alert: FiringAlert; readonly nowMs: number }) {
  const { name, labels, annotations, startsAtMs, state } = alert;
  const { summary, description, reason, runbook, runbook_url: link, trace_id: trace } = annotations;
  const isSilenced = state === 'suppressed';
  const runbookUrl = link === undefined ? undefined : safeUrl(link);
  return (
    <li>
      <StateBadge tone={isSilenced ? 'off' : 'down'}>{isSilenced ? 'Suppressed' : 'Firing'}</StateBadge>{' '}
      <strong>
        <bdi>{name}</bdi>
      </strong>{' '}
      <span class="soft small">
        for <Moment atMs={startsAtMs} text={formatAge(nowMs - startsAtMs)} />
        {state === 'unprocessed' && ', goes to no receiver'}
      </span>
      {sayOnce([summary, description, reason]).map((text) => (
        <p key={text}>
          <bdi>{text}</bdi>
        </p>
      ))}
      {runbook !== undefined && (
        <p class="soft small">
          <bdi>{runbook}</bdi>
        </p>
      )}
      <Labels labels={labels} />
      {trace !== undefined && /^[0-9a-f]{32}$/i.test(trace) && <a href={`/trace/${trace}`}>Trace</a>}{' '}
      {runbookUrl !== undefined && (
        <a href={runbookUrl} rel="noreferrer">
          Runbook
        </a>
      )}
    </li>
  );
}

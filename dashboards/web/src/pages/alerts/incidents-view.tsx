import type { Incident } from '../../../../src/incidents/incident-types.ts';
import { formatAge, formatCount, formatDurationMs } from '../../../../src/html/format.ts';
import { useAct } from '../../api/use-act.ts';
import { useApi } from '../../api/use-api.ts';
import { IncidentBadge, incidentName, incidentPath } from '../../parts/incident-words.tsx';
import { Moment } from '../../parts/moment.tsx';
import { Asked, Empty, Notice } from '../../parts/notices.tsx';
import { Panel } from '../../parts/panel.tsx';
import { askedAtMs } from '../../state/clock.ts';

/** What goes on, and what is over. */
export function IncidentsView() {
  const open = useApi('GET /api/v1/incidents', { status: 'open' });
  const over = useApi('GET /api/v1/incidents', { status: 'resolved' });
  const means = useApi('GET /api/v1/mean-times', {});
  return (
    <>
      <Panel title="Open">
        <Asked loaded={open}>
          {(list) =>
            list.length === 0 ? (
              <p class="soft">Nothing is wrong that anybody was told of.</p>
            ) : (
              <ul class="incidents">
                {list.map((incident) => (
                  <OpenIncident key={incident.id} incident={incident} />
                ))}
              </ul>
            )
          }
        </Asked>
      </Panel>
      <Panel
        title="Over"
        aside={
          means.value && means.value.resolved > 0 ? (
            <>
              30 days: {formatCount(means.value.incidents, 'incident')}
              {means.value.meanToAcknowledgeMs !== undefined &&
                `, acknowledged after ${formatDurationMs(means.value.meanToAcknowledgeMs)}`}
              {means.value.meanToResolveMs !== undefined &&
                `, over after ${formatDurationMs(means.value.meanToResolveMs)} (means)`}
            </>
          ) : undefined
        }
      >
        <Asked loaded={over}>
          {(list) =>
            list.length === 0 ? (
              <Empty title="No incident yet">
                <p>Alerts of one group are one incident, from the first alert to the end of the last.</p>
              </Empty>
            ) : (
              <Over incidents={list} />
            )
          }
        </Asked>
      </Panel>
    </>
  );
}

function OpenIncident({ incident }: { readonly incident: Incident }) {
  const { id, openedAt, alertCount, severity, acknowledgedBy, nextStep, nextStepAt, status } = incident;
  const nowMs = askedAtMs.value;
  return (
    <li>
      <div class="incident-head">
        <IncidentBadge incident={incident} />
        <a class="name" href={incidentPath(id)}>
          <bdi>{incidentName(incident)}</bdi>
        </a>
      </div>
      <div class="soft small">
        {formatCount(alertCount, 'alert')}
        {severity !== '' && (
          <>
            , <bdi>{severity}</bdi>
          </>
        )}
        , for <Moment atMs={openedAt} text={formatAge(nowMs - openedAt)} />
        {acknowledgedBy !== undefined && (
          <>
            , <bdi>{acknowledgedBy}</bdi> has it
          </>
        )}
        {status === 'active' && nextStep !== undefined && nextStepAt !== undefined && (
          <>
            , step {nextStep} at <Moment atMs={nextStepAt} />
          </>
        )}
      </div>
      <AcknowledgeButton incident={incident} />
    </li>
  );
}

/** Takes an incident, or gives it back. */
export function AcknowledgeButton({
  incident: { id, status },
}: {
  readonly incident: Pick<Incident, 'id' | 'status'>;
}) {
  const take = useAct('POST /api/v1/incidents/:id/acknowledge');
  const giveBack = useAct('POST /api/v1/incidents/:id/unacknowledge');
  const failure = take.failure ?? giveBack.failure;
  if (status === 'resolved') return null;
  return (
    <>
      {status === 'acknowledged' ? (
        <button type="button" disabled={giveBack.isBusy} onClick={() => void giveBack.run({ id })}>
          Give it back
        </button>
      ) : (
        <button type="button" class="primary" disabled={take.isBusy} onClick={() => void take.run({ id })}>
          Acknowledge
        </button>
      )}
      {failure && <Notice>{failure.message}</Notice>}
    </>
  );
}

function Over({ incidents }: { readonly incidents: readonly Incident[] }) {
  return (
    <table class="cards">
      <thead>
        <tr>
          <th scope="col">Incident</th>
          <th scope="col">Began</th>
          <th scope="col" class="number">
            Lasted
          </th>
          <th scope="col">Acknowledged by</th>
        </tr>
      </thead>
      <tbody>
        {incidents.map((incident) => (
          <tr key={incident.id}>
            <td>
              <a href={incidentPath(incident.id)}>
                <bdi>{incidentName(incident)}</bdi>
              </a>
            </td>
            <td data-label="Began">
              <Moment atMs={incident.openedAt} precision="minute" />
            </td>
            <td class="number" data-label="Lasted">
              {incident.resolvedAt === undefined ? '–' : formatDurationMs(incident.resolvedAt - incident.openedAt)}
            </td>
            <td data-label="Acknowledged by">
              <bdi>{incident.acknowledgedBy ?? 'nobody'}</bdi>
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

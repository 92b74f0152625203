import type { OnCallView } from '../../../../src/home/contract-types.ts';
import type { Part } from '../../../../src/part-types.ts';
import { Moment } from '../../parts/moment.tsx';
import { PartOf } from '../../parts/notices.tsx';
import { Panel } from '../../parts/panel.tsx';
import { formatClock } from '../../words/moment.ts';
import { currentZone } from '../../parts/moment.tsx';

/** Who is on call, until when, and who is next. */
export function OnCallPanel({
  onCall,
  nowMs,
}: {
  readonly onCall: Part<readonly OnCallView[]> | undefined;
  readonly nowMs: number;
}) {
  return (
    <Panel title="On call">
      {onCall ? (
        <PartOf part={onCall}>
          {(schedules) => (schedules.length === 0 ? <NoSchedule /> : <Schedules schedules={schedules} nowMs={nowMs} />)}
        </PartOf>
      ) : (
        <p class="loading">Loading …</p>
      )}
    </Panel>
  );
}

function NoSchedule() {
  return (
    <p class="soft">
      No schedule is configured: alerts go to their receivers directly. <code>oncall.schedules</code> in{' '}
      <code>tocsin.yaml</code> makes one.
    </p>
  );
}

function Schedules({ schedules, nowMs }: { readonly schedules: readonly OnCallView[]; readonly nowMs: number }) {
  const at = (atMs: number) => <Moment atMs={atMs} text={formatClock(atMs, nowMs, currentZone())} />;
  return (
    <table class="plain">
      <tbody>
        {schedules.map(({ schedule, now, next }) => (
          <tr key={schedule}>
            <th scope="row">
              <bdi>{schedule}</bdi>
            </th>
            <td>
              {now ? (
                <>
                  <b>
                    <bdi>{now.user}</bdi>
                  </b>{' '}
                  <span class="soft small">until {at(now.untilMs)}</span>
                </>
              ) : (
                <span class="bad">nobody</span>
              )}
              {next && (
                <div class="soft small">
                  then <bdi>{next.user}</bdi> from {at(next.fromMs)}
                </div>
              )}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

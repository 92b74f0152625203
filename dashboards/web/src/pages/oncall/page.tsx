import './oncall.css';
import { useState } from 'preact/hooks';
import type { OnCallPage, Override, ScheduleView } from '../../../../src/oncall/oncall-types.ts';
import { useAct } from '../../api/use-act.ts';
import { useApi } from '../../api/use-api.ts';
import { Moment } from '../../parts/moment.tsx';
import { Asked, Empty, Notice } from '../../parts/notices.tsx';
import { Panel } from '../../parts/panel.tsx';
import { askedAtMs } from '../../state/clock.ts';
import { query } from '../../state/url.ts';
import { useTitle } from '../../shell/use-title.ts';
import { DAYS_SHOWN, layOut, startOfDay } from './calendar.ts';
import { OverrideForm } from './override-form.tsx';

const DAY_MS = 86_400_000;

/** Who is on call now, next and in the coming weeks, and who instead. */
export function Page() {
  useTitle('On call');
  const offset = Number(query.value.get('weeks') ?? '0') || 0;
  const start = startOfDay(askedAtMs.value) + offset * 7 * DAY_MS;
  const loaded = useApi('GET /api/v1/oncall', { start, end: start + DAYS_SHOWN * DAY_MS });
  return (
    <>
      <div class="page-head">
        <h1>On call</h1>
        <p>
          <a href={`?weeks=${offset - 1}`}>Earlier</a> · <a href="/oncall">Today</a> ·{' '}
          <a href={`?weeks=${offset + 1}`}>Later</a>
        </p>
      </div>
      <Asked loaded={loaded}>{(page) => <Whole page={page} startMs={start} />}</Asked>
    </>
  );
}

function Whole({ page, startMs }: { readonly page: OnCallPage; readonly startMs: number }) {
  const { schedules, overrides, users } = page;
  const [isOpen, setOpen] = useState(false);
  if (schedules.length === 0)
    return (
      <Empty title="No schedule is configured">
        <p>
          Who is called, and when, is said in <code>tocsin.yaml</code>:
        </p>
        <pre>{`oncall:
  users:
    - { name: ana, contacts: [ana-phone] }
    - { name: ben, contacts: [ben-phone] }
  schedules:
    - name: primary
      timezone: Europe/Berlin
      layers: [{ users: [ana, ben], rotation: weekly, start: 2026-11-23, handover: '09:00' }]`}</pre>
      </Empty>
    );
  return (
    <>
      {schedules.map((schedule) => (
        <Schedule key={schedule.name} schedule={schedule} startMs={startMs} />
      ))}
      <Panel
        title="Overrides"
        aside={
          <button type="button" aria-expanded={isOpen} onClick={() => setOpen(!isOpen)}>
            {isOpen ? 'Close' : 'Put somebody on call'}
          </button>
        }
      >
        {isOpen && <OverrideForm schedules={schedules.map(({ name }) => name)} users={users} />}
        {overrides.length === 0 ? (
          <p class="soft">None from now on.</p>
        ) : (
          <ul class="overrides">
            {overrides.map((override) => (
              <OverrideItem key={override.id} override={override} />
            ))}
          </ul>
        )}
      </Panel>
    </>
  );
}

function Schedule({ schedule, startMs }: { readonly schedule: ScheduleView; readonly startMs: number }) {
  const { name, timeZone, now, next, gaps, shifts } = schedule;
  return (
    <Panel title={name} aside={`handovers by the clock of ${timeZone}`}>
      <p>
        Now:{' '}
        {now ? (
          <>
            <strong>
              <bdi>{now.user}</bdi>
            </strong>{' '}
            until <Moment atMs={now.end} precision="minute" />
          </>
        ) : (
          <span class="bad">nobody</span>
        )}
        {next && (
          <>
            {' '}
            · Next: <bdi>{next.user}</bdi> from <Moment atMs={next.start} precision="minute" />
          </>
        )}
      </p>
      {gaps.length > 0 && (
        <p class="bad">
          Nobody is on call{' '}
          {gaps.slice(0, 3).map(({ start, end }, index) => (
            <span key={start}>
              {index > 0 && ', '}
              <Moment atMs={start} precision="minute" /> to <Moment atMs={end} precision="minute" />
            </span>
          ))}
          {gaps.length > 3 && `, and ${gaps.length - 3} times more`} in the next four weeks.
        </p>
      )}
      <Calendar shifts={shifts} startMs={startMs} label={`Shifts of ${name}`} />
    </Panel>
  );
}

function Calendar({
  shifts,
  startMs,
  label,
}: {
  readonly shifts: ScheduleView['shifts'];
  readonly startMs: number;
  readonly label: string;
}) {
  const rows = layOut(shifts, startMs);
  return (
    <ol class="calendar" aria-label={label}>
      {rows.map(({ dayMs, spans }) => (
        <li key={dayMs}>
          <span class="day soft small">
            <Moment atMs={dayMs} precision="day" text={dayName(dayMs)} />
          </span>
          <span class="track">
            {spans.map(({ user, from, to, isOverride, colour, title }) => (
              <span
                key={from}
                class={`shift c-${colour} ${isOverride ? 'override' : ''}`}
                style={{ left: `${from * 100}%`, width: `${(to - from) * 100}%` }}
                title={title}
              >
                <bdi>{user}</bdi>
              </span>
            ))}
          </span>
        </li>
      ))}
    </ol>
  );
}

function dayName(dayMs: number): string {
  return new Date(dayMs).toLocaleDateString('en-GB', { weekday: 'short', day: 'numeric', month: 'short' });
}

function OverrideItem({ override: { id, schedule, user, start, end, createdBy } }: { readonly override: Override }) {
  const remove = useAct('POST /api/v1/oncall/overrides/:id/delete');
  return (
    <li>
      <strong>
        <bdi>{user}</bdi>
      </strong>{' '}
      for <bdi>{schedule}</bdi> from <Moment atMs={start} precision="minute" /> to{' '}
      <Moment atMs={end} precision="minute" />,{' '}
      <span class="soft">
        by <bdi>{createdBy}</bdi>
      </span>{' '}
      <button type="button" disabled={remove.isBusy} onClick={() => void remove.run({ id })}>
        Take it back
      </button>
      {remove.failure && <Notice>{remove.failure.message}</Notice>}
    </li>
  );
}

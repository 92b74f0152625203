import { useState } from 'preact/hooks';
import { useAct } from '../../api/use-act.ts';
import { Notice } from '../../parts/notices.tsx';

/** Puts somebody on call for a while. Times are of the viewer's zone. */
export function OverrideForm({
  schedules,
  users,
}: {
  readonly schedules: readonly string[];
  readonly users: readonly string[];
}) {
  const [schedule, setSchedule] = useState(schedules[0] ?? '');
  const [user, setUser] = useState(users[0] ?? '');
  const [start, setStart] = useState(localTime(Date.now()));
  const [end, setEnd] = useState(localTime(Date.now() + 8 * 3_600_000));
  const create = useAct('POST /api/v1/oncall/overrides');
  const startMs = Date.parse(start);
  const endMs = Date.parse(end);
  const isBackwards = Number.isNaN(startMs) || Number.isNaN(endMs) || endMs <= startMs;
  return (
    <form
      class="override-form"
      onSubmit={(event) => {
        event.preventDefault();
        void create.run({ schedule, user, start: startMs, end: endMs });
      }}
    >
      <label>
        Schedule
        <select value={schedule} onChange={(event) => setSchedule(event.currentTarget.value)}>
          {schedules.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      <label>
        Who
        <select value={user} onChange={(event) => setUser(event.currentTarget.value)}>
          {users.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      </label>
      <label>
        From
        <input type="datetime-local" required value={start} onInput={(event) => setStart(event.currentTarget.value)} />
      </label>
      <label>
        To
        <input type="datetime-local" required value={end} onInput={(event) => setEnd(event.currentTarget.value)} />
      </label>
      <button type="submit" class="primary" disabled={create.isBusy || isBackwards}>
        Put on call
      </button>
      {isBackwards && <Notice>It has to end after it begins.</Notice>}
      {create.failure && <Notice>{create.failure.message}</Notice>}
    </form>
  );
}

/** As a field for date and time takes it, in the viewer's zone. */
function localTime(atMs: number): string {
  const at = new Date(atMs - new Date(atMs).getTimezoneOffset() * 60_000);
  return at.toISOString().slice(0, 16);
}

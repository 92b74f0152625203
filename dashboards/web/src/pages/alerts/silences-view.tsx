import type { Silence } from '../../../../src/silences/silence-types.ts';
import { writeMatcher } from '../../../../src/html/matcher.ts';
import { useAct } from '../../api/use-act.ts';
import { useApi } from '../../api/use-api.ts';
import { Moment } from '../../parts/moment.tsx';
import { Asked, Notice } from '../../parts/notices.tsx';
import { Panel } from '../../parts/panel.tsx';
import { StateBadge, type Tone } from '../../parts/state-badge.tsx';
import { SilenceForm } from './silence-form.tsx';

const STATES: Readonly<Record<Silence['state'], { readonly tone: Tone; readonly text: string }>> = {
  active: { tone: 'degraded', text: 'Active' },
  pending: { tone: 'unknown', text: 'Later' },
  expired: { tone: 'off', text: 'Over' },
};

/** A new silence, with what it would hit, and those that there are. */
export function SilencesView() {
  const silences = useApi('GET /api/v1/silences', {});
  return (
    <>
      <SilenceForm />
      <Panel title="Silences">
        <Asked loaded={silences}>
          {(list) => (list.length === 0 ? <p class="soft">There is none.</p> : <Silences silences={list} />)}
        </Asked>
      </Panel>
    </>
  );
}

function Silences({ silences }: { readonly silences: readonly Silence[] }) {
  return (
    <ul class="incidents">
      {silences.map((silence) => (
        <Row key={silence.id} silence={silence} />
      ))}
    </ul>
  );
}

function Row({
  silence: { id, state, matchers, startsAt, endsAt, createdBy, comment },
}: {
  readonly silence: Silence;
}) {
  const expire = useAct('POST /api/v1/silences/:id/expire');
  const { tone, text } = STATES[state];
  return (
    <li>
      <StateBadge tone={tone}>{text}</StateBadge>{' '}
      <span class="mono">
        <bdi>{matchers.map(writeMatcher).join(', ')}</bdi>
      </span>
      <p>
        <bdi>{comment}</bdi>
      </p>
      <p class="soft small">
        <Moment atMs={startsAt} precision="minute" /> to <Moment atMs={endsAt} precision="minute" />, by{' '}
        <bdi>{createdBy}</bdi>
      </p>
      {state !== 'expired' && (
        <button type="button" disabled={expire.isBusy} onClick={() => void expire.run({ id })}>
          End it now
        </button>
      )}
      {expire.failure && <Notice>{expire.failure.message}</Notice>}
    </li>
  );
}

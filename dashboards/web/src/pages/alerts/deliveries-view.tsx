import type { Delivery } from '../../../../src/rules/rule-types.ts';
import { useApi } from '../../api/use-api.ts';
import { Moment } from '../../parts/moment.tsx';
import { Asked } from '../../parts/notices.tsx';
import { Panel } from '../../parts/panel.tsx';
import { StateBadge, type Tone } from '../../parts/state-badge.tsx';
import { query, setQuery } from '../../state/url.ts';

const STATUSES = ['pending', 'delivered', 'failed', 'superseded'] as const;
type Status = (typeof STATUSES)[number];
const TONES: Readonly<Record<string, Tone>> = {
  delivered: 'up',
  pending: 'unknown',
  failed: 'down',
  superseded: 'off',
};

/** What became of every message. */
export function DeliveriesView() {
  const status = STATUSES.find((one) => one === query.value.get('status'));
  const deliveries = useApi('GET /api/v1/deliveries', { status });
  return (
    <Panel
      title="Deliveries"
      aside={
        <select
          aria-label="Only those in this state"
          value={status ?? ''}
          onChange={(event) => setQuery({ status: event.currentTarget.value as Status | '' })}
        >
          <option value="">all</option>
          {STATUSES.map((one) => (
            <option key={one}>{one}</option>
          ))}
        </select>
      }
    >
      <Asked loaded={deliveries}>
        {(list) => (list.length === 0 ? <p class="soft">None.</p> : <Table deliveries={list} />)}
      </Asked>
    </Panel>
  );
}

function Table({ deliveries }: { readonly deliveries: readonly Delivery[] }) {
  return (
    <table class="cards">
      <thead>
        <tr>
          <th scope="col">State</th>
          <th scope="col">Message</th>
          <th scope="col">To</th>
          <th scope="col">Written</th>
          <th scope="col" class="number">
            Attempts
          </th>
        </tr>
      </thead>
      <tbody>
        {deliveries.map((one) => (
          <tr key={one.id}>
            <td>
              <StateBadge tone={TONES[one.status] ?? 'unknown'}>{one.status}</StateBadge>
            </td>
            <td>
              <bdi>{one.title}</bdi>
              {one.lastReason !== undefined && one.status !== 'delivered' && (
                <div class="soft small">
                  <bdi>{one.lastReason}</bdi>
                  {one.lastDetail !== undefined && (
                    <>
                      : <bdi>{one.lastDetail}</bdi>
                    </>
                  )}
                  {one.nextAttemptAt !== undefined && one.status === 'pending' && (
                    <>
                      ; again at <Moment atMs={one.nextAttemptAt} />
                    </>
                  )}
                </div>
              )}
            </td>
            <td data-label="To">
              <bdi>{one.receiver}</bdi> <span class="soft">{one.channel}</span>
            </td>
            <td data-label="Written">
              <Moment atMs={one.createdAt} />
            </td>
            <td class="number" data-label="Attempts">
              {one.attempts}
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

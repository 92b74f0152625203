import { formatAgo, formatDurationMs, formatRate, formatShare } from '../../../../src/html/format.ts';
import type { ServicesView, ServiceView } from '../../../../src/overview/overview-types.ts';
import type { Part } from '../../../../src/part-types.ts';
import { Moment } from '../../parts/moment.tsx';
import { PartOf } from '../../parts/notices.tsx';
import { Panel } from '../../parts/panel.tsx';

/** From this share of failed requests on, the number is marked. */
const BAD_ERROR_SHARE = 0.05;

/** The services that sent something in the last hour. */
export function ServicesPanel({ services, nowMs }: { readonly services: Part<ServicesView>; readonly nowMs: number }) {
  return (
    <Panel title="Services" aside="requests, errors and p99 of the last five minutes">
      <PartOf part={services}>
        {({ services: list, truncated }) =>
          list.length === 0 ? (
            <p class="soft">No service has sent anything in the last hour.</p>
          ) : (
            <>
              <Table services={list} nowMs={nowMs} />
              {truncated && <p class="soft">There are more services than are shown here.</p>}
            </>
          )
        }
      </PartOf>
    </Panel>
  );
}

function Table({ services, nowMs }: { readonly services: readonly ServiceView[]; readonly nowMs: number }) {
  return (
    <table class="cards">
      <thead>
        <tr>
          <th scope="col">Service</th>
          <th scope="col" class="number">
            Requests/s
          </th>
          <th scope="col" class="number">
            Errors
          </th>
          <th scope="col" class="number">
            p99
          </th>
          <th scope="col" class="number">
            Last seen
          </th>
        </tr>
      </thead>
      <tbody>
        {services.map(({ name, requestsPerSecond, errorShare, p99Ms, lastSeenMs }) => (
          <tr key={name}>
            <td class="name">
              <bdi>{name}</bdi>
            </td>
            <td class="number" data-label="Requests/s">
              {formatRate(requestsPerSecond)}
            </td>
            <td class="number" data-label="Errors">
              <span class={errorShare !== undefined && errorShare >= BAD_ERROR_SHARE ? 'bad' : undefined}>
                {errorShare === undefined ? '–' : formatShare(errorShare)}
              </span>
            </td>
            <td class="number" data-label="p99">
              {p99Ms === undefined ? '–' : formatDurationMs(p99Ms)}
            </td>
            <td class="number" data-label="Last seen">
              <Moment atMs={lastSeenMs} text={formatAgo(lastSeenMs, nowMs)} />
            </td>
          </tr>
        ))}
      </tbody>
    </table>
  );
}

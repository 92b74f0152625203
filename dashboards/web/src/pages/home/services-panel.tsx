import { formatAgo } from '../../../../src/html/format.ts';
import type { Home, ServiceLine, ServiceLines } from '../../../../src/home/contract-types.ts';
import type { ServicesView, ServiceView } from '../../../../src/overview/overview-types.ts';
import type { Part } from '../../../../src/part-types.ts';
import { Moment } from '../../parts/moment.tsx';
import { Notice, PartOf } from '../../parts/notices.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ServiceCells } from '../../parts/service-cells.tsx';

/** The services that sent something in the last hour: how they are now, and how they were over the time range. */
export function ServicesPanel({
  services,
  lines,
  nowMs,
}: {
  readonly services: Part<ServicesView>;
  readonly lines: Home['services'] | undefined;
  readonly nowMs: number;
}) {
  return (
    <Panel title="Services" aside="numbers of the last five minutes, lines over the time range">
      {lines?.status === 'unavailable' && services.status === 'ok' && <Notice>{lines.message}</Notice>}
      <PartOf part={services}>
        {({ services: list, truncated }) =>
          list.length === 0 ? (
            <p class="soft">No service has sent anything in the last hour.</p>
          ) : (
            <>
              <Table services={list} lines={lines?.status === 'ok' ? lines.value : undefined} nowMs={nowMs} />
              {truncated && <p class="soft">There are more services than are shown here.</p>}
            </>
          )
        }
      </PartOf>
    </Panel>
  );
}

function Table({
  services,
  lines,
  nowMs,
}: {
  readonly services: readonly ServiceView[];
  readonly lines: ServiceLines | undefined;
  readonly nowMs: number;
}) {
  const byName = new Map((lines?.lines ?? []).map((line) => [line.service, line]));
  return (
    <table class="cards services">
      <thead>
        <tr>
          <th scope="col">Service</th>
          {['Requests/s', 'Errors', 'p99'].map((head) => (
            <th key={head} scope="col" colSpan={2}>
              {head}
            </th>
          ))}
          <th scope="col" class="number">
            Last seen
          </th>
        </tr>
      </thead>
      <tbody>
        {services.map((service) => (
          <Row key={service.name} service={service} line={byName.get(service.name)} nowMs={nowMs} />
        ))}
      </tbody>
    </table>
  );
}

function Row({
  service,
  line,
  nowMs,
}: {
  readonly service: ServiceView;
  readonly line: ServiceLine | undefined;
  readonly nowMs: number;
}) {
  const { lastSeenMs } = service;
  return (
    <tr>
      <ServiceCells service={service} line={line} />
      <td class="number" data-label="Last seen">
        <Moment atMs={lastSeenMs} text={formatAgo(lastSeenMs, nowMs)} />
      </td>
    </tr>
  );
}

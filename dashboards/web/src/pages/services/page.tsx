import './services.css';
import { useState } from 'preact/hooks';
import { formatDurationMs } from '../../../../src/html/format.ts';
import type { ServiceLine } from '../../../../src/home/contract-types.ts';
import type { ServiceTotals } from '../../../../src/services/contract-types.ts';
import { useApi } from '../../api/use-api.ts';
import { Asked, Empty, PartOf } from '../../parts/notices.tsx';
import { Panel } from '../../parts/panel.tsx';
import { ServiceCells } from '../../parts/service-cells.tsx';
import { useTitle } from '../../shell/use-title.ts';
import { timeWindow } from '../../state/clock.ts';
import { query, setQuery } from '../../state/url.ts';
import { Graph } from './graph.tsx';

const ORDERS = {
  name: (a: ServiceTotals, b: ServiceTotals) => a.name.localeCompare(b.name),
  rate: (a: ServiceTotals, b: ServiceTotals) => b.requests - a.requests,
  errors: (a: ServiceTotals, b: ServiceTotals) => (b.errorShare ?? -1) - (a.errorShare ?? -1),
  p99: (a: ServiceTotals, b: ServiceTotals) => (b.p99Ms ?? -1) - (a.p99Ms ?? -1),
} as const;

/** All services that sent spans in the time range, and who calls whom. */
export function Page() {
  useTitle('Services');
  const { fromMs, toMs } = timeWindow.value;
  const time = { from: Math.floor(fromMs), to: Math.ceil(toMs) };
  const loaded = useApi('GET /api/v1/services', time);
  return (
    <>
      <div class="page-head">
        <h1>Services</h1>
      </div>
      <Asked loaded={loaded}>
        {({ services, lines, graph }) => (
          <>
            <PartOf part={services}>
              {(list) => <List services={list} lines={lines.status === 'ok' ? lines.value.lines : []} />}
            </PartOf>
            <Panel title="Who calls whom">
              <PartOf part={graph}>{(value) => <Graph graph={value} lengthMs={toMs - fromMs} />}</PartOf>
            </Panel>
          </>
        )}
      </Asked>
    </>
  );
}

function List({
  services,
  lines,
}: {
  readonly services: readonly ServiceTotals[];
  readonly lines: readonly ServiceLine[];
}) {
  const [order, setOrder] = useState<keyof typeof ORDERS>('name');
  const find = query.value.get('find') ?? '';
  if (services.length === 0)
    return (
      <Empty title="No service has sent spans in this time">
        Choose a longer time. Where nothing sends traces yet, <a href="/">Home</a> says what to paste.
      </Empty>
    );
  const shown = services.filter(({ name }) => name.toLowerCase().includes(find.toLowerCase())).toSorted(ORDERS[order]);
  const byName = new Map(lines.map((line) => [line.service, line]));
  return (
    <Panel
      title={`${shown.length} of ${services.length}`}
      aside={
        <span class="filters">
          <input
            type="search"
            data-search
            placeholder="Find a service"
            aria-label="Find a service"
            value={find}
            onInput={({ currentTarget }) => setQuery({ find: currentTarget.value }, { replace: true })}
          />{' '}
          <select
            aria-label="Order"
            value={order}
            onChange={({ currentTarget }) => setOrder(currentTarget.value as keyof typeof ORDERS)}
          >
            <option value="name">by name</option>
            <option value="rate">busiest first</option>
            <option value="errors">most errors first</option>
            <option value="p99">slowest first</option>
          </select>
        </span>
      }
    >
      <table class="cards service-list">
        <thead>
          <tr>
            <th scope="col">Service</th>
            {['Requests/s', 'Errors', 'p99'].map((head) => (
              <th key={head} scope="col" colSpan={2}>
                {head}
              </th>
            ))}
            <th scope="col" class="number">
              p50
            </th>
            <th scope="col" class="number">
              Operations
            </th>
          </tr>
        </thead>
        <tbody>
          {shown.map((service) => (
            <Row key={service.name} service={service} line={byName.get(service.name)} />
          ))}
        </tbody>
      </table>
    </Panel>
  );
}

function Row({ service, line }: { readonly service: ServiceTotals; readonly line: ServiceLine | undefined }) {
  const { p50Ms, operations } = service;
  return (
    <tr>
      <ServiceCells service={service} line={line} />
      <td class="number" data-label="p50">
        {p50Ms === undefined ? '–' : formatDurationMs(p50Ms)}
      </td>
      <td class="number" data-label="Operations">
        {operations}
      </td>
    </tr>
  );
}

import './services.css';
import { useState } from 'preact/hooks';
import { formatDurationMs, formatRate, formatShare } from '../../../../src/html/format.ts';
import type { ServiceLine } from '../../../../src/home/contract-types.ts';
import type { ServiceTotals } from '../../../../src/services/contract-types.ts';
import { useApi } from '../../api/use-api.ts';
import { Asked, Empty, PartOf } from '../../parts/notices.tsx';
import { Panel } from '../../parts/panel.tsx';
import { Sparkline } from '../../parts/sparkline.tsx';
import { useTitle } from '../../shell/use-title.ts';
import { timeWindow } from '../../state/clock.ts';
import { query, setQuery } from '../../state/url.ts';
import { Graph } from './graph.tsx';

/** From this share of failed requests on, the number is marked. */
const BAD_ERROR_SHARE = 0.05;

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

function Row({
  service: { name, requestsPerSecond, errorShare, p50Ms, p99Ms, operations },
  line,
}: {
  readonly service: ServiceTotals;
  readonly line: ServiceLine | undefined;
}) {
  const isBad = errorShare !== undefined && errorShare >= BAD_ERROR_SHARE;
  return (
    <tr>
      <td class="name">
        <a href={`/service/${encodeURIComponent(name)}`}>
          <bdi>{name}</bdi>
        </a>
      </td>
      <td class="number" data-label="Requests/s">
        {formatRate(requestsPerSecond)}
      </td>
      <td class="line">{line && <Sparkline values={line.requests} label="Requests" />}</td>
      <td class="number" data-label="Errors">
        <span class={isBad ? 'bad' : undefined}>{errorShare === undefined ? '–' : formatShare(errorShare)}</span>
      </td>
      <td class="line">{line && <Sparkline values={line.errorShares} label="Share of errors" tone="down" />}</td>
      <td class="number" data-label="p99">
        {p99Ms === undefined ? '–' : formatDurationMs(p99Ms)}
      </td>
      <td class="line">{line && <Sparkline values={line.p99sMs} label="p99" />}</td>
      <td class="number" data-label="p50">
        {p50Ms === undefined ? '–' : formatDurationMs(p50Ms)}
      </td>
      <td class="number" data-label="Operations">
        {operations}
      </td>
    </tr>
  );
}

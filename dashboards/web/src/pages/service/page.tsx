import '../services/services.css';
import type { ServiceDetails } from '../../../../src/services/contract-types.ts';
import { useApi } from '../../api/use-api.ts';
import { Moment } from '../../parts/moment.tsx';
import { Asked, Empty, PartOf } from '../../parts/notices.tsx';
import { Panel } from '../../parts/panel.tsx';
import type { PageProps } from '../../shell/pages-table.ts';
import { useTitle } from '../../shell/use-title.ts';
import { timeWindow } from '../../state/clock.ts';
import { Graph } from '../services/graph.tsx';
import { Charts } from './charts.tsx';
import { Instances, Operations, RecentErrors } from './tables.tsx';
import { VersionsPanel } from './versions-panel.tsx';

/** One service: its operations, versions, dependencies, instances and errors. */
export function Page({ params: { name = '' } }: PageProps) {
  useTitle(name);
  const { fromMs, toMs } = timeWindow.value;
  const loaded = useApi('GET /api/v1/services/:name', { name, from: Math.floor(fromMs), to: Math.ceil(toMs) });
  return (
    <>
      <div class="page-head">
        <h1>
          <bdi>{name}</bdi>
        </h1>
        <p>
          <a href={`/traces?${new URLSearchParams({ service: name })}`}>traces</a>
        </p>
      </div>
      <Asked loaded={loaded}>{(details) => <Service details={details} />}</Asked>
    </>
  );
}

function Service({ details }: { readonly details: ServiceDetails }) {
  const { name, fromMs, toMs, operations, steps, versions, graph, instances, errors } = details;
  const lengthMs = toMs - fromMs;
  const isEmpty = operations.status === 'ok' && operations.value.length === 0;
  if (isEmpty)
    return (
      <Empty title="No span of this service in this time">
        Choose a longer time, or look at <a href="/services">all services</a>.
      </Empty>
    );
  return (
    <>
      <PartOf part={steps}>
        {(value) => <Charts steps={value} versions={versions.status === 'ok' ? versions.value : NONE} />}
      </PartOf>
      <Panel title="Operations" aside="over the time range">
        <PartOf part={operations}>{(rows) => <Operations service={name} rows={rows} lengthMs={lengthMs} />}</PartOf>
      </Panel>
      <PartOf part={versions}>{(rows) => <VersionsPanel service={name} versions={rows} />}</PartOf>
      <Panel title="Dependencies" aside="who calls it, and what it calls">
        <PartOf part={graph}>{(value) => <Graph graph={value} lengthMs={lengthMs} focus={name} />}</PartOf>
      </Panel>
      <Panel
        title="Recent errors"
        aside={<a href={`/traces?${new URLSearchParams({ service: name, status: 'error' })}`}>all of them</a>}
      >
        <PartOf part={errors}>
          {(rows) => (rows.length === 0 ? <p class="soft">None in the time range.</p> : <RecentErrors rows={rows} />)}
        </PartOf>
      </Panel>
      <PartOf part={instances}>
        {({ sinceMs, rows }) => (
          <Panel
            title="Instances"
            aside={
              sinceMs > fromMs ? (
                <>
                  since <Moment atMs={sinceMs} />
                </>
              ) : (
                'over the time range'
              )
            }
          >
            <Instances rows={rows} lengthMs={toMs - sinceMs} nowMs={toMs} />
          </Panel>
        )}
      </PartOf>
    </>
  );
}

/** The same each time, so that nothing is drawn anew. */
const NONE: readonly never[] = [];

import { formatDurationMs, formatRate, formatShare } from '../../../../src/html/format.ts';
import type { ServiceVersionsRow } from '../../../../src/queries/service-versions.ts';
import type { Comparison } from '../../../../src/services/contract-types.ts';
import { useApi } from '../../api/use-api.ts';
import { Moment } from '../../parts/moment.tsx';
import { Asked } from '../../parts/notices.tsx';
import { Panel } from '../../parts/panel.tsx';
import { query, setQuery } from '../../state/url.ts';
import { compareOperations, errorsChanged, type Measured, sayChange } from './compare.ts';

/** The versions that were seen, and the service before and after one of them was deployed: the newest, or which the URL says. */
export function VersionsPanel({
  service,
  versions,
}: {
  readonly service: string;
  readonly versions: readonly ServiceVersionsRow[];
}) {
  const wanted = query.value.get('version');
  const chosen = versions.find((row) => keyOf(row) === wanted) ?? versions[0];
  return (
    <Panel title="Versions" aside="by service.version of the resource">
      {versions.length === 0 ? (
        <p class="soft">None was seen.</p>
      ) : (
        <>
          <label>
            Compare before and after{' '}
            <select
              value={chosen && keyOf(chosen)}
              onChange={({ currentTarget }) => setQuery({ version: currentTarget.value })}
            >
              {versions.map((row) => (
                <option key={keyOf(row)} value={keyOf(row)}>
                  {sayVersion(row)}
                </option>
              ))}
            </select>
          </label>
          {chosen && <Compared key={keyOf(chosen)} service={service} row={chosen} />}
        </>
      )}
    </Panel>
  );
}

/** A version as the URL names it. */
export function keyOf({ version, environment }: ServiceVersionsRow): string {
  return environment === '' ? version || '(none)' : `${version || '(none)'} in ${environment}`;
}

/** A version for people. */
export function sayVersion({ version, environment }: ServiceVersionsRow): string {
  return `${version === '' ? '(no version)' : version}${environment === '' ? '' : ` in ${environment}`}`;
}

function Compared({ service, row }: { readonly service: string; readonly row: ServiceVersionsRow }) {
  const { version, environment, first_ms: at, last_ms: lastMs } = row;
  const loaded = useApi('GET /api/v1/services/:name/compare', { name: service, version, environment, at });
  return (
    <>
      <p class="soft">
        First seen <Moment atMs={at} />, last <Moment atMs={lastMs} />.
      </p>
      <Asked loaded={loaded}>{(comparison) => <Table comparison={comparison} />}</Asked>
    </>
  );
}

function Table({ comparison: { before, after } }: { readonly comparison: Comparison }) {
  const rows = compareOperations(before, after);
  if (rows.length === 0)
    return <p class="soft">No request in the time before and after: it was too long ago, or nothing was asked.</p>;
  const minutes = Math.round((before.toMs - before.fromMs) / 60_000);
  return (
    <>
      <table class="cards">
        <thead>
          <tr>
            <th scope="col">Operation</th>
            {['Requests/s', 'Errors', 'p50', 'p95', 'p99'].map((head) => (
              <th key={head} scope="col" class="number">
                {head}
              </th>
            ))}
          </tr>
        </thead>
        <tbody>
          {rows.map((row, index) => (
            <tr key={index}>
              <td>
                <bdi>{row.operation}</bdi>
                {!row.before && <span class="soft small"> new</span>}
                {!row.after && <span class="soft small"> gone</span>}
              </td>
              <Pair label="Requests/s" {...row} pick={({ perSecond }) => formatRate(perSecond)} />
              <Errors {...row} />
              <Change label="p50" {...row} pick={({ p50Ms }) => p50Ms} />
              <Change label="p95" {...row} pick={({ p95Ms }) => p95Ms} />
              <Change label="p99" {...row} pick={({ p99Ms }) => p99Ms} />
            </tr>
          ))}
        </tbody>
      </table>
      <p class="soft small">
        {minutes} min before and after it was first seen, before → after; the minute of the deployment is in neither.
        While versions run side by side, “after” holds both.
      </p>
    </>
  );
}

interface Sides {
  readonly before: Measured | undefined;
  readonly after: Measured | undefined;
}

function Pair({
  label,
  before,
  after,
  pick,
}: Sides & { readonly label: string; readonly pick: (side: Measured) => string }) {
  return (
    <td class="number" data-label={label}>
      {before ? pick(before) : '–'} → {after ? pick(after) : '–'}
    </td>
  );
}

function Errors({ before, after }: Sides) {
  const changed = before && after && errorsChanged(before.errorShare, after.errorShare);
  return (
    <td class="number" data-label="Errors">
      <span class={changed === 'more' ? 'bad' : undefined}>
        {before ? formatShare(before.errorShare) : '–'} → {after ? formatShare(after.errorShare) : '–'}
      </span>
    </td>
  );
}

function Change({
  label,
  before,
  after,
  pick,
}: Sides & { readonly label: string; readonly pick: (side: Measured) => number }) {
  const change = before && after && sayChange(pick(before), pick(after));
  return (
    <td class="number" data-label={label}>
      {before ? formatDurationMs(pick(before)) : '–'} → {after ? formatDurationMs(pick(after)) : '–'}
      {change && <span class={change.isWorse ? 'bad small' : 'soft small'}> {change.text}</span>}
    </td>
  );
}

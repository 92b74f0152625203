import './logs.css';
import { useEffect, useMemo, useRef, useState } from 'preact/hooks';
import type { LogHistogram, LogPage, LogSearch } from '../../../../src/logs/contract-types.ts';
import type { LogRecordRow } from '../../../../src/queries/log-records.ts';
import { callApi } from '../../api/call-api.ts';
import { useApi } from '../../api/use-api.ts';
import { Asked, Empty, Notice } from '../../parts/notices.tsx';
import { Panel } from '../../parts/panel.tsx';
import { TimeChart } from '../../parts/time-chart.tsx';
import { useTitle } from '../../shell/use-title.ts';
import { timeWindow } from '../../state/clock.ts';
import { query } from '../../state/url.ts';
import { formatWithUnit } from '../../words/units.ts';
import { LogRecord } from './record.tsx';
import { keyOf, readSearch } from './search.ts';
import { SearchBar } from './search-bar.tsx';
import { stackOf } from './severity.ts';
import { useTail } from './use-tail.ts';

/** Log records: searched, counted by severity, followed. */
export function Page() {
  useTitle('Logs');
  const search = readSearch(query.value, timeWindow.value);
  const isLive = query.value.get('live') === '1';
  const histogram = useApi('GET /api/v1/logs/histogram', search);
  return (
    <>
      <div class="page-head">
        <h1>Logs</h1>
      </div>
      <SearchBar isLive={isLive} />
      <Panel title="Records over time" aside="drag across to look closer">
        <Asked loaded={histogram}>{(value) => <Histogram histogram={value} />}</Asked>
      </Panel>
      {isLive ? <Followed search={search} /> : <Found search={search} />}
    </>
  );
}

function Histogram({ histogram }: { readonly histogram: LogHistogram }) {
  const { timesMs, series } = useMemo(() => stackOf(histogram), [histogram]);
  const total = histogram.rows.reduce((sum, { records }) => sum + records, 0);
  if (total === 0) return <p class="soft">None in this time.</p>;
  return (
    <TimeChart
      label={`${total} log records over time, by severity`}
      timesMs={timesMs}
      series={series}
      window={timeWindow.value}
      format={(value) => formatWithUnit(value, '')}
      shape="bars"
      heightPx={140}
    />
  );
}

/** The records of the time, a page after the other. While older pages are there the first one stands still, so that nothing is missing between them. */
function Found({ search }: { readonly search: LogSearch }) {
  const [frozen, setFrozen] = useState<LogSearch>();
  const [older, setOlder] = useState<readonly LogPage[]>([]);
  const [trouble, setTrouble] = useState<string>();
  const [isAsking, setAsking] = useState(false);
  const subject = JSON.stringify([{ ...search, from: 0, to: 0 }, query.value.get('from'), query.value.get('range')]);
  const current = useRef(subject);
  current.current = subject;
  useEffect(() => {
    setFrozen(undefined);
    setOlder([]);
    setTrouble(undefined);
  }, [subject]);
  const asked = frozen ?? search;
  const loaded = useApi('GET /api/v1/logs', asked);
  const more = async (before: string): Promise<void> => {
    setAsking(true);
    setFrozen(asked);
    const given = await callApi('GET /api/v1/logs', { ...asked, before });
    setAsking(false);
    // Something else is searched for by now.
    if (current.current !== subject) return;
    if (given.status === 'ok') setOlder((pages) => [...pages, given.value]);
    setTrouble(given.status === 'ok' ? undefined : given.message);
  };
  return (
    <Panel title="Records" aside={frozen ? 'not refreshed while older ones are shown' : 'newest first'}>
      <Asked loaded={loaded}>
        {(page) => {
          const pages = [page, ...older];
          const next = pages.at(-1)?.next;
          const records = pages.flatMap((one) => one.records);
          if (records.length === 0) return <NothingFound />;
          return (
            <>
              <Records records={records} />
              {trouble !== undefined && <Notice>{trouble}</Notice>}
              {next === undefined ? (
                <p class="soft small">These are all of this time.</p>
              ) : (
                <button type="button" disabled={isAsking} onClick={() => void more(next)}>
                  {isAsking ? 'Loading …' : 'Older records'}
                </button>
              )}
            </>
          );
        }}
      </Asked>
    </Panel>
  );
}

function NothingFound() {
  const isAny = ['q', 'service', 'severity', 'where', 'trace'].every((name) => !query.value.has(name));
  return isAny ? (
    <Empty title="No log records in this time">
      Send them over OTLP, as <a href="/">Home</a> says, or choose a longer time.
    </Empty>
  ) : (
    <Empty title="Nothing found">
      No record of this time is as asked. Take a filter away, or choose a longer time.
    </Empty>
  );
}

function Followed({ search }: { readonly search: LogSearch }) {
  const { records, dropped, missed, failure } = useTail(search, true);
  return (
    <Panel title="Live tail" aside="asked anew every two seconds, newest first">
      {failure !== undefined && <Notice>{failure}</Notice>}
      {missed && <Notice>More came than could be followed: some are not here. A filter helps.</Notice>}
      {records.length === 0 ? (
        <p class="soft">Nothing in the last five minutes; waiting …</p>
      ) : (
        <Records records={records} />
      )}
      {dropped > 0 && (
        <p class="soft small">
          The newest {records.length}; {dropped} older ones were let go.
        </p>
      )}
    </Panel>
  );
}

function Records({ records }: { readonly records: readonly LogRecordRow[] }) {
  const seen = new Map<string, number>();
  return (
    <ol class="records">
      {records.map((record) => {
        const place = keyOf(record);
        const twin = seen.get(place) ?? 0;
        seen.set(place, twin + 1);
        return <LogRecord key={`${place} ${twin}`} record={record} />;
      })}
    </ol>
  );
}

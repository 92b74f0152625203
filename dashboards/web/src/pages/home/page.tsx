import './home.css';
import type { Home } from '../../../../src/home/contract-types.ts';
import type { Overview } from '../../../../src/overview/overview-types.ts';
import { liveOverview } from '../../api/live.ts';
import { useApi } from '../../api/use-api.ts';
import { Asked, Notice } from '../../parts/notices.tsx';
import { useTitle } from '../../shell/use-title.ts';
import { timeWindow } from '../../state/clock.ts';
import { AlertsPanel } from './alerts-panel.tsx';
import { MonitorsPanel } from './monitors-panel.tsx';
import { NoTelemetry } from './no-telemetry.tsx';
import { OnCallPanel } from './on-call-panel.tsx';
import { ServicesPanel } from './services-panel.tsx';
import { summarize } from './summary.ts';
import { UnwatchedPanel } from './unwatched-panel.tsx';

/** Is everything all right, and where to look if not. */
export function Page() {
  const { fromMs, toMs } = timeWindow.value;
  const overview = useApi('GET /api/v1/overview', {});
  const home = useApi('GET /api/v1/home', { from: Math.floor(fromMs), to: Math.floor(toMs) });
  return (
    <Asked loaded={{ ...overview, value: newer(overview.value, liveOverview.value) }}>
      {(value) => (
        <>
          {home.failure && !overview.failure && <Notice>{home.failure.message}</Notice>}
          <Whole overview={value} home={home.value} />
        </>
      )}
    </Asked>
  );
}

function newer(one: Overview | undefined, other: Overview | undefined): Overview | undefined {
  if (!one || !other) return one ?? other;
  return other.atMs > one.atMs ? other : one;
}

function Whole({ overview, home }: { readonly overview: Overview; readonly home: Home | undefined }) {
  const summary = summarize(overview);
  useTitle(summary.text);
  return (
    <>
      <div class={`verdict ${summary.tone}`}>
        <h1>{summary.text}</h1>
      </div>
      <NoTelemetry overview={overview} />
      <div class="two-columns">
        <AlertsPanel alerts={overview.alerts} nowMs={overview.atMs} />
        <div>
          <OnCallPanel onCall={home?.onCall} nowMs={overview.atMs} />
          <UnwatchedPanel unwatched={home?.unwatched} />
        </div>
      </div>
      <MonitorsPanel monitors={overview.monitors} days={home?.days} nowMs={overview.atMs} />
      <ServicesPanel services={overview.services} lines={home?.services} nowMs={overview.atMs} />
    </>
  );
}

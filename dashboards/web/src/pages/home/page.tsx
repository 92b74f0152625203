import './home.css';
import type { Overview } from '../../../../src/overview/overview-types.ts';
import { liveOverview } from '../../api/live.ts';
import { useApi } from '../../api/use-api.ts';
import { Asked } from '../../parts/notices.tsx';
import { useTitle } from '../../shell/use-title.ts';
import { AlertsPanel } from './alerts-panel.tsx';
import { MonitorsPanel } from './monitors-panel.tsx';
import { NoTelemetry } from './no-telemetry.tsx';
import { ServicesPanel } from './services-panel.tsx';
import { summarize } from './summary.ts';

/** Is everything all right, and where to look if not. */
export function Page() {
  const loaded = useApi('GET /api/v1/overview', {});
  return (
    <Asked loaded={{ ...loaded, value: newer(loaded.value, liveOverview.value) }}>
      {(overview) => <Home overview={overview} />}
    </Asked>
  );
}

function newer(one: Overview | undefined, other: Overview | undefined): Overview | undefined {
  if (!one || !other) return one ?? other;
  return other.atMs > one.atMs ? other : one;
}

function Home({ overview }: { readonly overview: Overview }) {
  const summary = summarize(overview);
  useTitle(summary.text);
  return (
    <>
      <div class={`verdict ${summary.tone}`} role="status">
        <h1>{summary.text}</h1>
      </div>
      <NoTelemetry overview={overview} />
      <AlertsPanel alerts={overview.alerts} nowMs={overview.atMs} />
      <MonitorsPanel monitors={overview.monitors} nowMs={overview.atMs} />
      <ServicesPanel services={overview.services} nowMs={overview.atMs} />
    </>
  );
}

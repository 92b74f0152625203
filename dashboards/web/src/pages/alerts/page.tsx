import './alerts.css';
import { useApi } from '../../api/use-api.ts';
import { openView, Tabs } from '../../parts/tabs.tsx';
import { path } from '../../state/url.ts';
import { useTitle } from '../../shell/use-title.ts';
import { AlertsView } from './alerts-view.tsx';
import { DeliveriesView } from './deliveries-view.tsx';
import { IncidentsView } from './incidents-view.tsx';
import { RulesView } from './rules-view.tsx';
import { SilencesView } from './silences-view.tsx';

const VIEWS = {
  incidents: IncidentsView,
  alerts: AlertsView,
  silences: SilencesView,
  rules: RulesView,
  deliveries: DeliveriesView,
};
type View = keyof typeof VIEWS;
const ORDER: readonly View[] = ['incidents', 'alerts', 'silences', 'rules', 'deliveries'];

/** What fires, who has it, what is silenced, which rules there are, and what became of messages. */
export function Page() {
  useTitle('Alerts');
  const open = useApi('GET /api/v1/incidents', { status: 'open' });
  const alerts = useApi('GET /api/v1/alerts', {});
  const Shown = VIEWS[openView(ORDER)];
  return (
    <>
      <div class="page-head">
        <h1>Alerts</h1>
      </div>
      <Tabs
        label="Alerts"
        tabs={[
          { view: 'incidents', text: 'Incidents', count: open.value?.length },
          { view: 'alerts', text: 'Alerts', count: alerts.value?.length },
          { view: 'silences', text: 'Silences' },
          { view: 'rules', text: 'Rules' },
          { view: 'deliveries', text: 'Deliveries' },
        ]}
      />
      <Shown key={path.value} />
    </>
  );
}

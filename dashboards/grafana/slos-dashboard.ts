import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { annotate } from './kit/annotations.ts';
import { finishDashboard, startDashboard } from './kit/dashboard.ts';
import { columnOf, labelOf, linksOf, openDashboard } from './kit/links.ts';
import { greenUntil, redUntil, stat, table, timeseries, unitOf, widthOf } from './kit/panels.ts';
import { readSql } from './kit/read-sql.ts';
import { choiceVariable, consoleVariable, datasourceVariable } from './kit/variables.ts';

const ALERTS = openDashboard('alerts', 'Alerts and on-call');
const SERVICES = openDashboard('services', 'Services');
const UPTIME = openDashboard('uptime', 'Uptime overview');
const ITS_SLO = openDashboard('slos', 'Only this one', { slo: labelOf('slo') });

/** Objectives, what is left of their error budgets, and how fast it goes: as alerting counts them for its rules. */
export function slosDashboard(): Dashboard {
  const builder = startDashboard('slos', 'SLOs and budgets', 'What is left of error budgets, and how fast it goes.')
    .time({ from: 'now-24h', to: 'now' })
    .withVariable(datasourceVariable())
    .withVariable(choiceVariable('slo', 'SLO', readSql('slos/variable-slo')))
    .withVariable(consoleVariable());
  annotate(builder, {
    alerted: "$__conditionalAll(LogAttributes['tocsin.incident.label.slo'] IN ('', ${slo:singlequote}), $slo)",
  });
  builder
    .withPanel(
      stat({
        title: 'Least budget left',
        description: 'Of the chosen SLOs the one with the least: 100 % is all of it, below 0 it is overspent.',
        sql: readSql('slos/stat-least'),
        unit: 'percentunit',
        width: 8,
        thresholds: redUntil(0, 0.25),
        links: [SERVICES, UPTIME],
      }),
    )
    .withPanel(
      stat({
        title: 'Overspent',
        description: 'SLOs whose error budget is gone.',
        sql: readSql('slos/stat-overspent'),
        width: 8,
        thresholds: greenUntil(1, 1),
        links: [ALERTS],
      }),
    )
    .withPanel(
      stat({
        title: 'Fastest burn, 1 h',
        description: 'How many times faster than allowed a budget went over the last hour; at 14.4 it pages.',
        sql: readSql('slos/stat-burn'),
        width: 8,
        thresholds: greenUntil(1, 14.4),
        links: [ALERTS],
      }).decimals(1),
    );
  addTable(builder);
  addSeries(builder);
  return finishDashboard(builder);
}

type Builder = ReturnType<typeof startDashboard>;

function addTable(builder: Builder): void {
  builder.withPanel(
    table({
      title: 'SLOs',
      description:
        'As alerting counted them last: good of all over the window of each, what is left of the budget, and burn rates. The least budget first.',
      sql: readSql('slos/slos'),
      width: 24,
      links: [openDashboard('slos', 'Only this one', { slo: columnOf('slo') }), SERVICES, UPTIME],
    })
      .overrideByName('slo', [
        ...linksOf(openDashboard('slos', 'Only this one', { slo: columnOf('slo') })),
        ...widthOf(220),
      ])
      .overrideByName('target', [...unitOf('percentunit'), { id: 'decimals', value: 3 }])
      .overrideByName('achieved', [...unitOf('percentunit'), { id: 'decimals', value: 3 }])
      .overrideByName('budget_left', [
        ...unitOf('percentunit'),
        { id: 'decimals', value: 1 },
        { id: 'thresholds', value: { mode: 'absolute', steps: redUntil(0, 0.25) } },
        { id: 'custom.cellOptions', value: { type: 'color-text' } },
      ])
      .overrideByName('counted', widthOf(190)),
  );
}

function addSeries(builder: Builder): void {
  const burn = (title: string, description: string, windows: string) =>
    timeseries({
      title,
      description,
      sql: readSql('slos/burn-rates', { windows }),
      width: 12,
      seriesName: '${__field.labels.slo} over ${__field.labels.over}',
      links: [ITS_SLO, ALERTS],
    }).interval('1m');
  builder
    .withPanel(
      timeseries({
        title: 'Budget left',
        description: 'What is left of the error budget of each window: 100 % is all of it, below 0 it is overspent.',
        sql: readSql('slos/budgets'),
        unit: 'percentunit',
        width: 24,
        height: 9,
        seriesName: '${__field.labels.slo}',
        links: [ITS_SLO, ALERTS],
      })
        .interval('1m')
        .min(-1)
        .max(1),
    )
    .withPanel(burn('Burn rates that page', 'A page goes out while it is above 14.4 over 1 h and 5 min.', "'5m', '1h'"))
    .withPanel(
      burn(
        'Burn rates of the longer windows',
        'Above 6 over 6 h and 30 min it pages; above 3 over a day and 2 h, and above 1 over three days and 6 h, it makes a ticket.',
        "'6h', '1d', '3d'",
      ),
    );
}

import {
  DashboardBuilder,
  DashboardCursorSync,
  DashboardLinkBuilder,
  DashboardLinkType,
} from '@grafana/grafana-foundation-sdk/dashboard';
import type { Dashboard } from '@grafana/grafana-foundation-sdk/dashboard';
import { UIDS } from './links.ts';

export type Builder = DashboardBuilder;

/** The beginning of every dashboard of ours. Its uid is part of links: it never changes. */
export function startDashboard(name: keyof typeof UIDS, title: string, description: string): DashboardBuilder {
  return new DashboardBuilder(title)
    .uid(UIDS[name])
    .description(description)
    .tags(['tocsin'])
    .tooltip(DashboardCursorSync.Crosshair)
    .time({ from: 'now-1h', to: 'now' })
    .refresh('30s')
    .editable()
    .link(
      new DashboardLinkBuilder('Tocsin')
        .type(DashboardLinkType.Dashboards)
        .tags(['tocsin'])
        .asDropdown(true)
        .keepTime(true),
    );
}

/** Builds it and numbers its panels, which the builder leaves to Grafana: so the file does not change by itself. */
export function finishDashboard(builder: DashboardBuilder): Dashboard {
  const dashboard = builder.build();
  for (const [index, panel] of (dashboard.panels ?? []).entries()) panel.id = index + 1;
  return dashboard;
}

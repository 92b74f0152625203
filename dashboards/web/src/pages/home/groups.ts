import type { MonitorView } from '../../../../src/overview/monitor-types.ts';

/** Monitors under one heading. */
export interface MonitorGroup {
  /** Empty for those without one. */
  readonly name: string;
  readonly members: readonly MonitorView[];
}

/** The groups in the order of their first member: as the worst monitor comes first, so does its group. */
export function groupMonitors(monitors: readonly MonitorView[]): readonly MonitorGroup[] {
  return [...Map.groupBy(monitors, ({ group }) => group)].map(([name, members]) => ({ name, members }));
}

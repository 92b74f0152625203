import type { LabelSet } from '../../src/alert.ts';
import type { Incident } from '../../src/oncall/incident.ts';
import type { Scenario } from '../notify/scenario.ts';

const SLACK = 'slack_configs: [{ api_url: "http://127.0.0.1:1/x" }]';

export const DOWN: LabelSet = { alertname: 'Down', monitor: 'shop', severity: 'page' };
export const DOWN_TOO: LabelSet = { alertname: 'Down', monitor: 'api', severity: 'page' };
export const SLOW: LabelSet = { alertname: 'Slow', monitor: 'shop', severity: 'ticket' };

/** A configuration with ana (on call this week), ben and a chat; the steps of the one escalation are given. */
export function config(steps: string, more = ''): string {
  return `
  route: { receiver: oncall, group_by: [alertname], group_wait: 1s, group_interval: 1m, repeat_interval: 4h }
  receivers:
    - { name: oncall, escalation: default }
    - { name: quiet }
    - { name: ana-mail, ${SLACK} }
    - { name: ana-phone, ${SLACK} }
    - { name: ben-mail, ${SLACK} }
    - { name: chat, ${SLACK} }
oncall:
  users:
    - { name: ana, contact: [ana-mail], urgent_contact: [ana-phone], quiet_hours: { from: '09:30', to: '11:30' } }
    - { name: ben, contact: [ben-mail] }
    - { name: mute, contact: [quiet] }
  schedules:
    - { name: primary, layers: [{ users: [ana, ben], rotation: weekly, start: 2026-11-16 }] }
    - { name: nights, layers: [{ users: [ana], rotation: daily, start: 2026-11-16, restrictions: [{ from: '22:00', to: '06:00' }] }] }
  escalations:
    - name: default
      steps: ${steps}
      repeat: 1
      again_after: 1h
${more}`;
}

/** Ana as the one on call, then ben, five minutes apart. */
export const USUAL = config('[{ notify: [{ schedule: primary }], wait: 5m }, { notify: [{ user: ben }], wait: 10m }]');

/** What arrived, as `5m1s ben-mail [FIRING:1] Down (shop)`; channels without their kind. */
export function shown(arrivals: Scenario['arrivals']): string[] {
  return arrivals.map(({ at, to, title }) => `${at} ${to.split('/')[0] ?? ''} ${title}`);
}

/** The incident of this number. */
export function incidentOf(scenario: Scenario, id = 'i1'): Incident {
  const incident = scenario.notifier.oncall.incidents.find(id);
  if (!incident) throw new Error(`there is no incident ${id}`);
  return incident;
}

/** The timeline as `kind: text`, but for what channels have confirmed. */
export function timeline(scenario: Scenario, id = 'i1'): string[] {
  return wholeTimeline(scenario, id).filter((line) => !line.startsWith('delivered: '));
}

/** The timeline as `kind: text`. */
export function wholeTimeline(scenario: Scenario, id = 'i1'): string[] {
  return scenario.notifier.oncall.incidents.timeline(id).map(({ kind, text }) => `${kind}: ${text}`);
}

/** The kinds of the timeline, but for what channels have confirmed. */
export function kinds(scenario: Scenario, id = 'i1'): string[] {
  return wholeTimeline(scenario, id).flatMap((line) => (line.startsWith('delivered: ') ? [] : [line.split(':')[0]!]));
}

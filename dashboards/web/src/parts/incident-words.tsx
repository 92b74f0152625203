import type { Incident } from '../../../src/incidents/incident-types.ts';
import { StateBadge, type Tone } from './state-badge.tsx';
import { labelsInWords } from './labels.tsx';

const STATES: Readonly<Record<Incident['status'], { readonly tone: Tone; readonly text: string }>> = {
  active: { tone: 'down', text: 'Nobody has it' },
  acknowledged: { tone: 'degraded', text: 'Acknowledged' },
  muted: { tone: 'off', text: 'Muted' },
  resolved: { tone: 'up', text: 'Resolved' },
};

/** Where an incident's own page is. */
export function incidentPath(id: string): string {
  return `/incident/${encodeURIComponent(id)}`;
}

/** How far an incident is. */
export function IncidentBadge({ incident: { status } }: { readonly incident: Pick<Incident, 'status'> }) {
  const { tone, text } = STATES[status];
  return <StateBadge tone={tone}>{text}</StateBadge>;
}

/** What an incident is called: the labels that its alerts are grouped by. */
export function incidentName({ groupLabels, receiver }: Pick<Incident, 'groupLabels' | 'receiver'>): string {
  return labelsInWords(groupLabels) || `Alerts for ${receiver}`;
}

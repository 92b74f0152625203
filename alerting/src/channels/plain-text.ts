import type { AlertContent, MessageContent } from './content.ts';

/** The body of a message as plain text, without the title. */
export function renderPlain(content: MessageContent): string {
  const { lead, notes, alerts, titles, hiddenCount, actions } = content;
  const more = hiddenCount === 0 ? [] : [`… and ${hiddenCount} more`];
  return [
    lead,
    ...notes,
    ...titles.map((title) => `• ${title}`),
    ...alerts.flatMap(renderAlert),
    ...more,
    ...actions.map(({ name, value }) => `${name}: ${value}`),
  ].join('\n');
}

function renderAlert({ state, name, summary, description, facts, labels, links }: AlertContent): string[] {
  return [
    '',
    `${state.toUpperCase()} ${name}${summary === undefined ? '' : `: ${summary}`}`,
    ...(description === undefined ? [] : [description]),
    ...[...facts, ...links].map((fact) => `${fact.name}: ${fact.value}`),
    ...(labels.length === 0 ? [] : [labels.map((label) => `${label.name}=${label.value}`).join(' ')]),
  ];
}

/** One line for small screens: what, and the summary of the first alert. */
export function renderBrief({ title, alerts, notes }: MessageContent): string {
  const [first] = alerts;
  const reason = first?.facts.find(({ name }) => name === 'Reason')?.value;
  const since = first?.facts.find(({ name }) => name === 'Since')?.value;
  return [title, first?.summary, reason, since && `since ${since}`, ...notes]
    .filter((part) => part !== undefined && part !== '')
    .join('. ');
}

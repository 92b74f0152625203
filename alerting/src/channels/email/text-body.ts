import type { AlertContent, MessageContent } from '../content.ts';

/** The message as plain text. */
export function renderText(content: MessageContent): string {
  const { title, lead, notes, alerts, titles, hiddenCount, actions, consoleUrl } = content;
  const more = hiddenCount === 0 ? [] : [`… and ${hiddenCount} more: ${consoleUrl}`, ''];
  const listed = titles.length === 0 ? [] : [...titles.map((line) => `- ${line}`), ''];
  const links = [...actions, { name: 'Console', value: consoleUrl }].map(({ name, value }) => `${name}: ${value}`);
  return [title, '', lead, ...notes, '', ...listed, ...alerts.flatMap(renderAlert), ...more, ...links, ''].join('\n');
}

function renderAlert({ state, name, summary, description, facts, labels, links }: AlertContent): string[] {
  const lines = [`${state.toUpperCase()}  ${name}`];
  if (summary !== undefined) lines.push(summary);
  if (description !== undefined) lines.push(description);
  for (const fact of [...facts, ...links]) lines.push(`${fact.name}: ${fact.value}`);
  if (labels.length > 0)
    lines.push(`Labels: ${labels.map((label) => `${label.name}=${JSON.stringify(label.value)}`).join(' ')}`);
  return [...lines.slice(0, 1), ...lines.slice(1).flatMap(indent), ''];
}

const indent = (text: string): string[] => text.split(/\r?\n/).map((line) => `  ${line}`);

import type { AlertContent, MessageContent } from '../content.ts';

/** The message as plain text. */
export function renderText({ title, lead, alerts, hiddenCount, consoleUrl }: MessageContent): string {
  const more = hiddenCount === 0 ? [] : [`… and ${hiddenCount} more: ${consoleUrl}`, ''];
  return [title, '', lead, '', ...alerts.flatMap(renderAlert), ...more, `Console: ${consoleUrl}`, ''].join('\n');
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

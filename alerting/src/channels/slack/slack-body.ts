import { BUTTONS } from './interactivity/press.ts';
import { type AlertContent, type MessageContent, type Named, shorten } from '../content.ts';

/** Slack's own limits are 50 blocks a message and 3000 characters a section; we stay well below. */
export const MAX_SLACK_ALERTS = 10;
const MAX_SECTION = 2_800;
const MAX_FACT = 300;

const COLORS = { page: '#c62828', ticket: '#b26a00', resolved: '#2e7d32' } as const;

/** How a message is laid out besides what it says. */
export interface SlackManner {
  /** Slack tells us of pressed buttons; without it they open a page. */
  readonly isInteractive: boolean;
  /** Who has the incident. */
  readonly acknowledgedBy?: string | undefined;
}

/** A webhook message as JSON. `channel` and `username` are honoured by legacy webhooks and by Mattermost. */
export interface SlackMessage {
  readonly channel?: string;
  readonly username?: string;
  readonly icon_emoji?: string;
  readonly icon_url?: string;
  readonly link_names?: boolean;
  readonly text: string;
  readonly attachments: readonly unknown[];
}

/**
 * Lays a message out for Slack: the title as text (it is what a phone shows), the rest in one coloured attachment.
 * Source: Slack API documentation, "Formatting text" (`&`, `<` and `>` are escaped) and "Secondary attachments".
 */
export function renderSlackMessage(
  content: MessageContent,
  { isInteractive, acknowledgedBy }: SlackManner = { isInteractive: false },
): Pick<SlackMessage, 'text' | 'attachments'> {
  const hidden = content.hiddenCount === 0 ? '' : ` and ${content.hiddenCount} more`;
  const blocks = [
    section(escapeSlack([content.lead, ...content.notes].join('\n'))),
    ...titleSections(content.titles),
    ...content.alerts.map((alert) => section(renderAlert(alert))),
    ...(acknowledgedBy === undefined
      ? []
      : [context(`:white_check_mark: Acknowledged by ${escapeSlack(acknowledgedBy)}`)]),
    ...(isInteractive ? actingButtons(content.actions, acknowledgedBy !== undefined) : buttons(content.actions)),
    context(`${link(content.consoleUrl, 'Open the console')}${hidden}`),
  ];
  return {
    text: `*${escapeSlack(content.title)}*`,
    attachments: [{ color: COLORS[content.tone], fallback: escapeSlack(content.title), blocks }],
  };
}

/** Titles in as many sections as they need, ten each. */
function titleSections(titles: readonly string[]): object[] {
  const lines = titles.map((title) => `• ${brief(title)}`);
  return Array.from({ length: Math.ceil(lines.length / 10) }, (_, at) =>
    section(lines.slice(at * 10, at * 10 + 10).join('\n')),
  );
}

const context = (text: string): object => ({ type: 'context', elements: [{ type: 'mrkdwn', text }] });

/** Buttons that Slack reports to us: each carries the token of the link that it stands for. */
function actingButtons(actions: readonly Named[], isAcknowledged: boolean): object[] {
  const elements = Object.entries(BUTTONS).flatMap(([id, { action, label }]) => {
    const url = actions.find(({ name }) => name.toLowerCase() === action)?.value;
    if (url === undefined || (isAcknowledged && action === 'acknowledge')) return [];
    const value = url.slice(url.lastIndexOf('/') + 1);
    return [{ type: 'button', text: { type: 'plain_text', text: label }, action_id: id, value }];
  });
  return elements.length === 0 ? [] : [{ type: 'actions', elements }];
}

/** Buttons that open a page: they need no app that Slack can call. */
function buttons(actions: readonly Named[]): object[] {
  if (actions.length === 0) return [];
  const elements = actions.map(({ name, value }) => ({
    type: 'button',
    text: { type: 'plain_text', text: name },
    url: value,
    action_id: `tocsin-${name.toLowerCase()}`,
  }));
  return [{ type: 'actions', elements }];
}

/** Escapes what Slack would read as a mention, a link or an entity. */
export function escapeSlack(text: string): string {
  return text.replaceAll('&', '&amp;').replaceAll('<', '&lt;').replaceAll('>', '&gt;');
}

const section = (text: string): object => ({ type: 'section', text: { type: 'mrkdwn', text: cut(text, MAX_SECTION) } });

/** An escaped text must not be cut inside an entity. */
const cut = (text: string, max: number): string =>
  text.length <= max ? text : shorten(text, max).replace(/&[a-z]{0,4}…$/, '…');

const link = (url: string, label: string): string =>
  `<${url.replaceAll('<', '%3C').replaceAll('>', '%3E').replaceAll('|', '%7C').replaceAll('&', '&amp;')}|${escapeSlack(label)}>`;

function renderAlert({ state, name, summary, description, facts, labels, links }: AlertContent): string {
  const mark = state === 'firing' ? ':red_circle:' : ':large_green_circle:';
  const lines = [`${mark} *${escapeSlack(name)}*${summary === undefined ? '' : `: ${brief(summary)}`}`];
  if (description !== undefined) lines.push(brief(description));
  for (const fact of facts) lines.push(`*${escapeSlack(fact.name)}:* ${brief(fact.value)}`);
  if (labels.length > 0) lines.push(labels.map(renderLabel).join(' '));
  if (links.length > 0) lines.push(links.map(({ name: label, value }) => link(value, label)).join(' · '));
  return lines.join('\n');
}

const brief = (text: string): string => escapeSlack(shorten(text, MAX_FACT));

const renderLabel = ({ name, value }: Named): string =>
  `\`${escapeSlack(`${name}=${shorten(value, 100)}`.replaceAll('`', "'").replace(/\s+/g, ' '))}\``;

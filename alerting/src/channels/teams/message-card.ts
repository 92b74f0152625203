import type { TeamsConfig } from '@tocsin/service/config';
import type { Notification } from '../../notify/notification.ts';
import { fillOptional, fillText, messageScope } from '../../template/message-template.ts';
import type { ChannelContext } from '../channel.ts';
import { describeNotification, fitContent, type MessageContent } from '../content.ts';
import { escapeCard } from './adaptive-card.ts';

const MAX_CARD_BYTES = 24_000;
const MAX_ALERTS = 20;
const COLORS = { page: 'C62828', ticket: 'B26A00', resolved: '2E7D32' } as const;

/** The message for a connector of old. Source: Microsoft, "Legacy actionable message card reference". */
/** @param chartUrl where the chart is: a card of old holds addresses only */
export function composeMessageCard(
  config: TeamsConfig,
  notification: Notification,
  context: ChannelContext,
  chartUrl?: string,
): object {
  const scope = messageScope(notification, context);
  const content = describeNotification(notification, context, MAX_ALERTS);
  const title = fillText(config.title, content.title, scope);
  const summary = fillText(config.summary, content.title, scope);
  const own = fillOptional(config.text, scope);
  const write = (shown: MessageContent): string => JSON.stringify(cardOf(shown, { title, summary, own, chartUrl }));
  return JSON.parse(fitContent(content, MAX_CARD_BYTES, write, (text) => Buffer.byteLength(text))) as object;
}

interface CardTexts {
  readonly title: string;
  readonly summary: string;
  readonly own: string | undefined;
  readonly chartUrl: string | undefined;
}

function cardOf(content: MessageContent, { title, summary, own, chartUrl }: CardTexts): object {
  const { lead, notes, alerts, titles, hiddenCount, actions, consoleUrl, tone } = content;
  const more = hiddenCount === 0 ? [] : [`… and ${hiddenCount} more`];
  const lines = [...[lead, ...notes].map(escapeCard), ...titles.map((line) => `- ${escapeCard(line)}`), ...more];
  const open = (name: string, uri: string): object => ({
    '@type': 'OpenUri',
    name,
    targets: [{ os: 'default', uri }],
  });
  return {
    '@context': 'https://schema.org/extensions',
    '@type': 'MessageCard',
    title: escapeCard(title),
    summary,
    text: own ?? lines.join('\n\n'),
    themeColor: COLORS[tone],
    sections: [
      ...(own === undefined
        ? alerts.map(({ name, summary: said, description, facts, labels, links }) => ({
            activityTitle: escapeCard(name),
            activitySubtitle: escapeCard(said ?? ''),
            text: escapeCard(description ?? ''),
            facts: [
              ...[...facts, ...labels].map((fact) => ({ name: escapeCard(fact.name), value: escapeCard(fact.value) })),
              ...links.map((link) => ({
                name: link.name,
                value: `[${link.name}](${link.value.replaceAll(')', '%29')})`,
              })),
            ],
          }))
        : []),
      ...(chartUrl === undefined ? [] : [{ images: [{ image: chartUrl, title: 'Chart' }] }]),
    ],
    potentialAction: [...actions.map(({ name, value }) => open(name, value)), open('Open the console', consoleUrl)],
  };
}

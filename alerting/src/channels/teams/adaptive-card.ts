import type { TeamsConfig } from '@tocsin/service/config';
import type { Notification } from '../../notify/notification.ts';
import { fillOptional, fillText, messageScope } from '../../template/message-template.ts';
import type { ChannelContext } from '../channel.ts';
import type { ChartPicture } from '../chart/chart.ts';
import { type AlertContent, describeNotification, fitContent, type MessageContent, shorten } from '../content.ts';

/** Teams takes messages of about 28 KB. */
const MAX_CARD_BYTES = 24_000;
const MAX_ALERTS = 20;
const COLORS = { page: 'attention', ticket: 'warning', resolved: 'good' } as const;

/**
 * The message for a workflow's webhook. Sources: Microsoft, "Create incoming webhooks with Workflows"; Adaptive Cards 1.4, schema
 * (Teams shows at most that version on all devices).
 */
export function composeAdaptiveCard(
  config: TeamsConfig,
  notification: Notification,
  context: ChannelContext,
  picture?: ChartPicture,
): object {
  const scope = messageScope(notification, context);
  const content = describeNotification(notification, context, MAX_ALERTS);
  const title = fillText(config.title, content.title, scope);
  const own = fillOptional(config.text, scope);
  const write = (shown: MessageContent, image?: object): string => JSON.stringify(cardOf(shown, title, own, image));
  const measure = (text: string): number => Buffer.byteLength(text);
  const withImage = picture && write(content, imageOf(picture));
  // Words come first: the picture is there where both have room.
  if (withImage !== undefined && measure(withImage) <= MAX_CARD_BYTES) return JSON.parse(withImage) as object;
  return JSON.parse(fitContent(content, MAX_CARD_BYTES, (shown) => write(shown), measure)) as object;
}

/** A picture within the card: a card has no files. Source: Microsoft, "Text formatting in cards", base64 images. */
function imageOf({ png, description }: ChartPicture): object {
  const url = `data:image/png;base64,${Buffer.from(png).toString('base64')}`;
  return { type: 'Image', url, altText: description, size: 'stretch' };
}

function cardOf(content: MessageContent, title: string, own: string | undefined, image: object | undefined): object {
  const { lead, notes, alerts, titles, hiddenCount, actions, consoleUrl, tone } = content;
  const more = hiddenCount === 0 ? [] : [textBlock(`… and ${hiddenCount} more`)];
  const body =
    own === undefined
      ? [
          ...[lead, ...notes].map((text) => textBlock(escapeCard(text))),
          ...titles.map((line) => textBlock(`- ${escapeCard(line)}`)),
          ...alerts.flatMap(alertBlocks),
          ...more,
        ]
      : [textBlock(shorten(own, 16_000))];
  const open = (name: string, url: string): object => ({ type: 'Action.OpenUrl', title: name, url });
  return {
    type: 'message',
    attachments: [
      {
        contentType: 'application/vnd.microsoft.card.adaptive',
        contentUrl: null,
        content: {
          $schema: 'http://adaptivecards.io/schemas/adaptive-card.json',
          type: 'AdaptiveCard',
          version: '1.4',
          msteams: { width: 'Full' },
          body: [
            textBlock(escapeCard(title), { size: 'large', weight: 'bolder', color: COLORS[tone], style: 'heading' }),
            ...body,
            ...(image ? [image] : []),
          ],
          actions: [...actions.map(({ name, value }) => open(name, value)), open('Open the console', consoleUrl)],
        },
      },
    ],
  };
}

const textBlock = (text: string, more: object = {}): object => ({ type: 'TextBlock', text, wrap: true, ...more });

function alertBlocks({ state, name, summary, description, facts, labels, links }: AlertContent): object[] {
  const brief = (text: string): string => escapeCard(shorten(text, 500));
  const shown = [...facts, ...labels].map((fact) => ({ title: brief(fact.name), value: brief(fact.value) }));
  return [
    textBlock(`${brief(name)}${summary === undefined ? '' : `: ${brief(summary)}`}`, {
      weight: 'bolder',
      color: state === 'firing' ? 'attention' : 'good',
      separator: true,
    }),
    ...(description === undefined ? [] : [textBlock(brief(description))]),
    { type: 'FactSet', facts: shown },
    ...(links.length === 0
      ? []
      : [textBlock(links.map((link) => `[${brief(link.name)}](${link.value.replaceAll(')', '%29')})`).join(' · '))]),
  ];
}

/** Text blocks take a little Markdown: links, emphasis and lists from outside stay text. */
export function escapeCard(text: string): string {
  return text.replace(/[[\]*_`\\]/g, (char) => `\\${char}`).replaceAll('<', '&lt;');
}

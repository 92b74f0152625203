import type { SlackConfig } from '@tocsin/service/config';
import { fillOptional, fillText, type MessageScope } from '../../template/message-template.ts';
import { type MessageContent, shorten } from '../content.ts';
import { escapeSlack, type SlackMessage } from './slack-body.ts';

const COLORS = { page: '#c62828', ticket: '#b26a00', resolved: '#2e7d32' } as const;
/** Slack's limits on the fields of an attachment are generous; a message stays readable well below. */
const MAX_TEXT = 7_000;
const MAX_TITLE = 1_024;

/**
 * The message in the words of the configuration, as Alertmanager lays it out; `undefined` where it has none. Source: Alertmanager
 * documentation, "Configuration", `<slack_config>`; Slack API documentation, "Secondary attachments".
 */
export function renderSlackAttachment(
  config: SlackConfig,
  content: MessageContent,
  scope: MessageScope,
): Pick<SlackMessage, 'text' | 'attachments'> | undefined {
  const { title, titleLink, pretext, text, fallback, color, footer, fields, actions, imageUrl, thumbUrl } = config;
  const words = [title, titleLink, pretext, text, fallback, color, footer, imageUrl, thumbUrl];
  if (words.every((word) => word === undefined) && fields.length === 0 && actions.length === 0) return undefined;
  const optional = (name: string, source: string | undefined): object => {
    const filled = fillOptional(source, scope);
    return filled === undefined ? {} : { [name]: shorten(filled, MAX_TEXT) };
  };
  const standardTitle = escapeSlack(content.title);
  const shownTitle = shorten(fillText(title, standardTitle, scope), MAX_TITLE);
  const standardText = [content.lead, ...content.notes, ...content.alerts.map(({ name, summary }) => summary ?? name)];
  const attachment = {
    title: shownTitle,
    title_link: fillText(titleLink, content.consoleUrl, scope),
    fallback: fillText(fallback, shownTitle, scope),
    text: shorten(fillText(text, escapeSlack([...standardText, ...content.titles].join('\n')), scope), MAX_TEXT),
    color: attachmentColor(fillOptional(color, scope), content),
    mrkdwn_in: config.markdownIn ?? ['fallback', 'pretext', 'text'],
    ...optional('callback_id', config.callbackId),
    ...optional('pretext', pretext),
    ...optional('footer', footer),
    ...optional('image_url', imageUrl),
    ...optional('thumb_url', thumbUrl),
    fields: fields.map((field) => ({
      title: fillText(field.title, '', scope),
      value: fillText(field.value, '', scope),
      short: field.short,
    })),
    actions: [
      ...actions.map((action) => ({
        type: action.type,
        text: fillText(action.text, '', scope),
        // Slack reports one with a name and a value to the app; every other one opens a page.
        ...(action.name === undefined
          ? { url: fillText(action.url, content.consoleUrl, scope) }
          : optional('url', action.url)),
        ...optional('name', action.name),
        ...optional('value', action.value),
        ...optional('style', action.style),
        ...(action.confirm ? { confirm: filledConfirmation(action.confirm, optional) } : {}),
      })),
      ...content.actions.map(({ name, value }) => ({ type: 'button', text: name, url: value })),
    ],
  };
  return { text: '', attachments: [attachment] };
}

function filledConfirmation(
  { text, title, ok_text: yes, dismiss_text: no }: NonNullable<SlackConfig['actions'][number]['confirm']>,
  optional: (name: string, source: string | undefined) => object,
): object {
  return {
    ...optional('text', text),
    ...optional('title', title),
    ...optional('ok_text', yes),
    ...optional('dismiss_text', no),
  };
}

/** `good`, `warning`, `danger` or `#rrggbb`; ours where it says none of them. */
function attachmentColor(color: string | undefined, content: MessageContent): string {
  if (color !== undefined && /^(?:good|warning|danger|#[0-9a-f]{6})$/i.test(color)) return color;
  return COLORS[content.tone];
}

import { describeNotification, formatTitle } from '../channels/content.ts';
import { renderHtml } from '../channels/email/html-body.ts';
import { escapeHtml } from '../channels/email/markup.ts';
import { renderPlain } from '../channels/plain-text.ts';
import type { Notification } from '../notify/notification.ts';

/** What one of Alertmanager's default templates stands for. */
type Part = 'title' | 'body' | 'html' | 'url' | 'program' | 'nothing';

const PARTS: Readonly<Record<string, Part>> = {
  __alertmanager: 'program',
  __alertmanagerURL: 'url',
  __subject: 'title',
  __description: 'nothing',
  __text_alert_list: 'body',
  __text_alert_list_markdown: 'body',
  'opsgenie.default.message': 'title',
  'opsgenie.default.source': 'url',
  'pagerduty.default.description': 'title',
};
/** By the last word of `slack.default.title`. */
const BY_LAST_WORD: Readonly<Record<string, Part>> = {
  title: 'title',
  subject: 'title',
  summary: 'title',
  fallback: 'title',
  text: 'body',
  message: 'body',
  description: 'body',
  instances: 'body',
  html: 'html',
  titlelink: 'url',
  url: 'url',
  clientURL: 'url',
  client: 'program',
  username: 'program',
  pretext: 'nothing',
  footer: 'nothing',
  content: 'nothing',
  callbackid: 'nothing',
  iconemoji: 'nothing',
  iconurl: 'nothing',
};
/** The most alerts that such a text lists; the rest is counted. */
const MAX_ALERTS = 50;

/** What Alertmanager's default template of this name stands for; `undefined` where there is none of the name. Source: Alertmanager, `default.tmpl`, its names. */
export function partOf(name: string): Part | undefined {
  if (Object.hasOwn(PARTS, name)) return PARTS[name];
  const word = /^\w+\.default\.(\w+)$/.exec(name)?.[1] ?? '';
  return Object.hasOwn(BY_LAST_WORD, word) ? BY_LAST_WORD[word] : undefined;
}

/**
 * Our words in the place of one of Alertmanager's default templates, used inside another text; `undefined` where there is none of the name.
 * @param isHtml the other text is HTML
 */
export function defaultText(
  name: string,
  notification: Notification,
  consoleUrl: string,
  isHtml: boolean,
): string | undefined {
  const part = partOf(name);
  if (part === 'html') return renderHtml(describeNotification(notification, { consoleUrl }, MAX_ALERTS));
  const text = plainText(part, notification, consoleUrl);
  return isHtml && text !== undefined ? escapeHtml(text) : text;
}

function plainText(
  part: Exclude<Part, 'html'> | undefined,
  notification: Notification,
  consoleUrl: string,
): string | undefined {
  switch (part) {
    case 'title':
      return formatTitle(notification);
    case 'body':
      return renderPlain(describeNotification(notification, { consoleUrl }, MAX_ALERTS));
    case 'url':
      return consoleUrl;
    case 'program':
      return 'Tocsin';
    case 'nothing':
      return '';
    case undefined:
      return undefined;
  }
}

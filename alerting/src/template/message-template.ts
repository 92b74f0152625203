import { type ParsedTemplate, parseTemplate, TemplateError } from '@tocsin/service/template';
import type { ChannelContext } from '../channels/channel.ts';
import { escapeHtml } from '../channels/email/markup.ts';
import type { Notification } from '../notify/notification.ts';
import { defaultText } from './default-texts.ts';
import { evaluateTemplate } from './evaluate.ts';
import { messageData } from './message-data.ts';

/** Alertmanager's own texts by name: in their place are our own. */
const DEFAULT_TEXT = /^\s*\{\{-?\s*template\s+"([\w-]+\.default\.[\w.-]+|__\w+)"\s+\.\s*-?\}\}\s*$/;

/** What templates of a message are filled in with. */
export interface MessageScope {
  readonly notification: Notification;
  /** The console as people reach it. */
  readonly consoleUrl: string;
  /** What the files of `alerting.templates` define. */
  readonly definitions: ParsedTemplate['definitions'];
  /** The text is HTML: what stands in labels and annotations shows as it is, and is no markup. */
  readonly isHtml?: boolean;
}

/** What a channel fills its texts in with. */
export function messageScope(
  notification: Notification,
  { consoleUrl, definitions = new Map() }: Pick<ChannelContext, 'consoleUrl' | 'definitions'>,
): MessageScope {
  return { notification, consoleUrl, definitions };
}

/**
 * A text of a channel's configuration with its actions filled in.
 *
 * @param source `undefined`, or one of Alertmanager's default texts by name: `standard`
 * @param standard our own words; a bad template costs no message: they are sent with a line about what is wrong
 */
export function fillText(source: string | undefined, standard: string, scope: MessageScope): string {
  if (source === undefined || isOurs(source, scope)) return standard;
  const filled = expandText(source, scope);
  return typeof filled === 'string' ? filled : `${standard}\n(The configured text could not be used: ${filled.error})`;
}

/** As `fillText`, for what may be left out: a bad template is as none. */
export function fillOptional(source: string | undefined, scope: MessageScope): string | undefined {
  if (source === undefined || isOurs(source, scope)) return undefined;
  const filled = expandText(source, scope);
  return typeof filled === 'string' && filled !== '' ? filled : undefined;
}

/** One of Alertmanager's own texts by name, which no file of the user's defines anew. */
function isOurs(source: string, { definitions }: MessageScope): boolean {
  const name = DEFAULT_TEXT.exec(source)?.[1];
  return name !== undefined && !definitions.has(name);
}

/** Fills in a text, or says what is wrong with it. */
export function expandText(
  source: string,
  { notification, consoleUrl, definitions, isHtml = false }: MessageScope,
): string | { error: string } {
  if (!source.includes('{{')) return source;
  try {
    const context = {
      nowMs: notification.createdAtMs,
      externalUrl: consoleUrl,
      defaultText: (name: string) => defaultText(name, notification, consoleUrl, isHtml),
      ...(isHtml ? { escape: escapeHtml } : {}),
    };
    const parsed = parseTemplate(source);
    const all = { nodes: parsed.nodes, definitions: new Map([...definitions, ...parsed.definitions]) };
    return evaluateTemplate(all, messageData(notification, consoleUrl), new Map(), context);
  } catch (error) {
    if (error instanceof TemplateError) return { error: error.message };
    throw error;
  }
}

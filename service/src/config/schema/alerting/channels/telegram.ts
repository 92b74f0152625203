import { z } from 'zod';
import { flag, httpUrl, text, wholeNumber } from '../../scalars.ts';
import type { GlobalSettings } from '../global.ts';
import { everyHttpChannel, template } from './every-channel.ts';
import { channelHttp } from './http-config.ts';

/** An entry of `telegram_configs` as written. */
export const telegramConfig = z.strictObject({
  ...everyHttpChannel,
  bot_token: text.optional(),
  bot_token_file: text.optional(),
  chat_id: text,
  chat_id_file: text.optional(),
  message_thread_id: wholeNumber(1).optional(),
  api_url: httpUrl.optional(),
  message: template,
  disable_notifications: flag.default(false),
  parse_mode: z.enum(['HTML', 'MarkdownV2', 'Markdown', '']).default('HTML'),
});

/** One Telegram chat. */
export type TelegramConfig = Readonly<ReturnType<typeof completeTelegram>>;

/** Fills in what `global` says. */
export function completeTelegram(given: z.output<typeof telegramConfig>, defaults: GlobalSettings) {
  return {
    botToken: given.bot_token ?? defaults.telegram_bot_token ?? '',
    chatId: given.chat_id,
    messageThreadId: given.message_thread_id,
    apiUrl: given.api_url ?? defaults.telegram_api_url ?? 'https://api.telegram.org',
    message: given.message,
    disableNotifications: given.disable_notifications,
    /** Of `message`; our own words are HTML. */
    parseMode: given.parse_mode,
    sendResolved: given.send_resolved,
    timeoutMs: given.timeout,
    http: channelHttp(given.http_config, defaults.http_config),
  };
}

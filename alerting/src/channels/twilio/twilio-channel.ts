import type { Receiver, TwilioConfig } from '@tocsin/service/config';
import type { Notification } from '../../notify/notification.ts';
import { fillText, messageScope } from '../../template/message-template.ts';
import type { Channel, ChannelContext, ConfiguredChannel } from '../channel.ts';
import { describeNotification, shorten } from '../content.ts';
import { createHttpChannel, loginSecrets } from '../http/http-channel.ts';
import type { HttpCall } from '../http/http-sender.ts';
import { demandJson } from '../http/judge-answer.ts';
import { renderBrief } from '../plain-text.ts';

/** The telephones of a receiver. */
export function twilioChannels({ twilioConfigs }: Receiver): ConfiguredChannel[] {
  return twilioConfigs.map((config) => ({
    sendResolved: config.sendResolved,
    secrets: [
      config.authToken,
      `${config.accountSid}:${config.authToken}`,
      ...loginSecrets(config.apiUrl),
      ...config.http.secrets,
    ],
    timeoutMs: config.timeoutMs,
    open: (context) => createTwilioChannel(config, context),
  }));
}

/** A channel that sends SMS or calls; success is 201 with the SID. Source: Twilio, "Messages resource", "Calls resource". */
export function createTwilioChannel(config: TwilioConfig, context: ChannelContext): Channel {
  return createHttpChannel({
    http: config.http,
    compose: (notification) => composeRequest(config, notification, context),
    judge: (answer, nowMs) => demandJson(answer, nowMs, ({ sid }) => typeof sid === 'string'),
  });
}

/** Two SMS of 153 characters; a call is read in half a minute. */
const MAX_SMS = 306;
const MAX_SPOKEN = 400;

/** The form. A call brings its words along (TwiML), said twice. */
export function composeRequest(config: TwilioConfig, notification: Notification, context: ChannelContext): HttpCall {
  const { accountSid, authToken, from, to, mode, message, language, apiUrl } = config;
  const content = describeNotification(notification, context, 1);
  const acknowledge = content.actions.find(({ name }) => name === 'Acknowledge');
  const link = mode === 'sms' && acknowledge ? ` ${acknowledge.value}` : '';
  const scope = messageScope(notification, context);
  const max = mode === 'sms' ? MAX_SMS : MAX_SPOKEN;
  const text = fillText(message, renderBrief(content), scope);
  const form = new URLSearchParams({ To: to });
  form.set(from.startsWith('MG') && mode === 'sms' ? 'MessagingServiceSid' : 'From', from);
  if (mode === 'sms') form.set('Body', shorten(text, Math.max(80, max - link.length)) + link);
  else {
    const words = escapeXml(shorten(text, max));
    const say = `<Say language="${escapeXml(language)}">${words}</Say>`;
    form.set('Twiml', `<Response>${say}<Pause length="1"/>${say}</Response>`);
  }
  const resource = mode === 'sms' ? 'Messages' : 'Calls';
  return {
    url: `${apiUrl.replace(/\/$/, '')}/2010-04-01/Accounts/${accountSid}/${resource}.json`,
    headers: {
      authorization: `Basic ${Buffer.from(`${accountSid}:${authToken}`).toString('base64')}`,
      'content-type': 'application/x-www-form-urlencoded',
    },
    body: form.toString(),
  };
}

function escapeXml(text: string): string {
  // Characters that XML 1.0 does not have would make the whole call fail.
  return text
    .replace(/[^\P{Cc}\t\n\r]|[\uFFFE\uFFFF]/gu, ' ')
    .replaceAll('&', '&amp;')
    .replaceAll('<', '&lt;')
    .replaceAll('>', '&gt;')
    .replaceAll('"', '&quot;');
}

import { z } from 'zod';
import { httpUrl, text } from '../../scalars.ts';
import type { GlobalSettings } from '../global.ts';
import { everyHttpChannel, template } from './every-channel.ts';
import { channelHttp } from './http-config.ts';

const number = z.string().regex(/^\+[1-9]\d{6,14}$/, 'expected a telephone number as +4930123456');

/** An entry of `twilio_configs` (ours) as written. */
export const twilioConfig = z.strictObject({
  ...everyHttpChannel,
  account_sid: z.string().regex(/^AC[0-9a-zA-Z]{8,64}$/, 'expected the SID of an account: AC…'),
  auth_token: text,
  auth_token_file: text.optional(),
  from: z.union([
    number,
    z.string().regex(/^MG[0-9a-zA-Z]{8,64}$/, 'expected a number or the SID of a messaging service'),
  ]),
  to: number,
  mode: z.enum(['sms', 'call']).default('sms'),
  message: template,
  language: text.default('en-US'),
  api_url: httpUrl.default('https://api.twilio.com'),
});

/** One telephone, by SMS or by call. */
export type TwilioConfig = Readonly<ReturnType<typeof completeTwilio>>;

/** Fills in what `global` says. */
export function completeTwilio(given: z.output<typeof twilioConfig>, defaults: GlobalSettings) {
  return {
    accountSid: given.account_sid,
    authToken: given.auth_token,
    from: given.from,
    to: given.to,
    mode: given.mode,
    message: given.message,
    /** In which a call is read out. */
    language: given.language,
    apiUrl: given.api_url,
    sendResolved: given.send_resolved,
    timeoutMs: given.timeout,
    http: channelHttp(given.http_config, defaults.http_config),
  };
}

import { type Behaviour, says } from './hostile-receiver.ts';

/** An HTTP kind as the shared tests drive it. */
export interface HttpKind {
  /** The receiver's settings as YAML. @param more further settings of the channel, ending in a comma where there are any */
  settings(baseUrl: string, secret: string, more?: string): string;
  /** How the service says that all is well. */
  readonly accepts: Behaviour;
  /** How it says 200 and means no; `undefined` where any 2xx is success. */
  readonly errorInside?: Behaviour;
  /** Whether a 200 with something else than its own answer is no success. */
  readonly knowsItsAnswer: boolean;
}

const SECRET_PATH = (url: string, secret: string): string => `"${url}/services/T1/${secret}"`;

/** Every kind that speaks HTTP, some in two manners. */
export const HTTP_KINDS = {
  slack: {
    settings: (url, secret, more = '') => `slack_configs: [{ ${more} api_url: ${SECRET_PATH(url, secret)} }]`,
    accepts: says(200, 'ok'),
    errorInside: says(200, '{"ok":false,"error":"channel_not_found"}'),
    knowsItsAnswer: true,
  },
  'slack bot': {
    settings: (url, secret, more = '') =>
      `slack_configs: [{ ${more} app_token: xoxb-${secret}, app_url: "${url}/api/chat.postMessage", channel: C1 }]`,
    accepts: says(200, '{"ok":true,"ts":"1.2","channel":"C1"}'),
    errorInside: says(200, '{"ok":false,"error":"invalid_auth"}'),
    knowsItsAnswer: true,
  },
  pagerduty: {
    settings: (url, secret, more = '') =>
      `pagerduty_configs: [{ ${more} routing_key: ${secret}, url: "${url}/v2/enqueue" }]`,
    accepts: says(202, '{"status":"success","message":"Event processed","dedup_key":"x"}'),
    errorInside: says(200, '{"status":"invalid event"}'),
    knowsItsAnswer: true,
  },
  opsgenie: {
    settings: (url, secret, more = '') => `opsgenie_configs: [{ ${more} api_key: ${secret}, api_url: "${url}/" }]`,
    accepts: says(202, '{"result":"Request will be processed"}'),
    knowsItsAnswer: false,
  },
  pushover: {
    settings: (url, secret, more = '') =>
      `pushover_configs: [{ ${more} user_key: u-${secret}, token: t-${secret}, api_url: "${url}/1/messages.json" }]`,
    accepts: says(200, '{"status":1,"request":"x"}'),
    errorInside: says(200, '{"status":0,"errors":["user identifier is invalid"]}'),
    knowsItsAnswer: true,
  },
  telegram: {
    settings: (url, secret, more = '') =>
      `telegram_configs: [{ ${more} bot_token: "1:${secret}", chat_id: -100, api_url: "${url}" }]`,
    accepts: says(200, '{"ok":true,"result":{}}'),
    errorInside: says(200, '{"ok":false,"description":"chat not found"}'),
    knowsItsAnswer: true,
  },
  discord: {
    settings: (url, secret, more = '') => `discord_configs: [{ ${more} webhook_url: ${SECRET_PATH(url, secret)} }]`,
    accepts: says(204),
    knowsItsAnswer: false,
  },
  msteams: {
    settings: (url, secret, more = '') => `msteams_configs: [{ ${more} webhook_url: ${SECRET_PATH(url, secret)} }]`,
    accepts: says(200, '1'),
    errorInside: says(
      200,
      'Webhook message delivery failed with error: Microsoft Teams endpoint returned HTTP error 429 with ContextId x',
    ),
    knowsItsAnswer: false,
  },
  msteamsv2: {
    settings: (url, secret, more = '') => `msteamsv2_configs: [{ ${more} webhook_url: ${SECRET_PATH(url, secret)} }]`,
    accepts: says(202),
    knowsItsAnswer: false,
  },
  webhook: {
    settings: (url, secret, more = '') => `webhook_configs: [{ ${more} url: ${SECRET_PATH(url, secret)} }]`,
    accepts: says(200),
    knowsItsAnswer: false,
  },
  ntfy: {
    settings: (url, secret, more = '') =>
      `ntfy_configs: [{ ${more} server: "${url}", topic: alerts, token: tk_${secret} }]`,
    accepts: says(200, '{"id":"x","event":"message"}'),
    errorInside: says(200, '{"code":40301,"http":403,"error":"forbidden"}'),
    knowsItsAnswer: true,
  },
  'twilio sms': {
    settings: (url, secret, more = '') =>
      `twilio_configs: [{ ${more} account_sid: AC12345678, auth_token: ${secret}, from: "+4930123456", to: "+4930123457", api_url: "${url}" }]`,
    accepts: says(201, '{"sid":"SM1"}'),
    errorInside: says(200, '{"code":21211,"message":"invalid number"}'),
    knowsItsAnswer: true,
  },
  'twilio call': {
    settings: (url, secret, more = '') =>
      `twilio_configs: [{ ${more} mode: call, account_sid: AC12345678, auth_token: ${secret}, from: "+4930123456", to: "+4930123457", api_url: "${url}" }]`,
    accepts: says(201, '{"sid":"CA1"}'),
    errorInside: says(200, '{"code":21211,"message":"invalid number"}'),
    knowsItsAnswer: true,
  },
} satisfies Readonly<Record<string, HttpKind>>;

/** The kinds by their names, for `describe.each`. */
export const HTTP_KIND_LIST: readonly (readonly [name: string, kind: HttpKind])[] = Object.entries(HTTP_KINDS);

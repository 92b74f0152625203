const CHANNEL = 'a kind of channel that Tocsin has (webhook_configs with an adapter reaches this one)';

/** What Alertmanager's configuration may say and ours may not, each with what to do: by the key, or by its parent's name and the key. */
const CURES: Readonly<Record<string, string>> = {
  tracing: 'no tracing (Tocsin reports its own traces without being told: take the section out)',
  event_recorder: 'no event_recorder (GET /api/v1/deliveries lists what was sent: take the section out)',
  'route.labels': 'no labels on a route (give the route a receiver of its own whose texts say it)',
  'routes.labels': 'no labels on a route (give the route a receiver of its own whose texts say it)',
  victorops_configs: CHANNEL,
  wechat_configs: CHANNEL,
  sns_configs: CHANNEL,
  webex_configs: CHANNEL,
  jira_configs: CHANNEL,
  rocketchat_configs: CHANNEL,
  mattermost_configs: CHANNEL,
  incidentio_configs: CHANNEL,
};

/** What to do about a key that another program knows and we do not; `undefined` for any other key. */
export function cureOf(path: readonly PropertyKey[], key: string): string | undefined {
  const parent = path.findLast((part) => typeof part === 'string');
  const cure = (name: string): string | undefined => (Object.hasOwn(CURES, name) ? CURES[name] : undefined);
  return cure(`${parent ?? ''}.${key}`) ?? (isOfAlertmanager(path) ? cure(key) : undefined);
}

/** At the top of a file, in the section `alerting`, or in a receiver. */
function isOfAlertmanager(path: readonly PropertyKey[]): boolean {
  const parent = path.findLast((part) => typeof part === 'string');
  return parent === undefined || parent === 'alerting' || parent === 'receivers';
}

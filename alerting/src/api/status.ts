import { formatDuration, type Receiver, type Route, type TocsinConfig } from '@tocsin/service/config';
import { stringify } from 'yaml';
import { formatMatcher } from '../notify/matchers.ts';

/** The routing in force as YAML in Alertmanager's shape, without a single secret: addresses that are credentials are left out. */
export function formatRouting({ route, receivers }: TocsinConfig['alerting']): string {
  return stringify({
    ...(route ? { route: showRoute(route, true) } : {}),
    receivers: receivers.map(showReceiver),
  });
}

function showRoute(route: Route, top: boolean): object {
  return {
    receiver: route.receiver,
    group_by: route.groupBy,
    ...(top ? {} : { matchers: route.matchers.map(formatMatcher), continue: route.continue }),
    group_wait: formatDuration(route.groupWaitMs),
    group_interval: formatDuration(route.groupIntervalMs),
    repeat_interval: formatDuration(route.repeatIntervalMs),
    ...(route.routes.length === 0 ? {} : { routes: route.routes.map((child) => showRoute(child, false)) }),
  };
}

/** Of each channel only what is no secret for certain. */
function showReceiver(receiver: Receiver): object {
  const { name, emailConfigs, slackConfigs, ...others } = receiver;
  const shown = {
    email_configs: emailConfigs.map(({ to, from, sendResolved }) => ({ to, from, send_resolved: sendResolved })),
    slack_configs: slackConfigs.map(({ channel, sendResolved }) => ({
      api_url: '<secret>',
      ...(channel === undefined ? {} : { channel }),
      send_resolved: sendResolved,
    })),
    ...Object.fromEntries(
      Object.entries(others).map(([key, configs]) => [
        key.replace(/Configs$/, '_configs'),
        configs.map(({ sendResolved }) => ({ send_resolved: sendResolved })),
      ]),
    ),
  };
  return { name, ...Object.fromEntries(Object.entries(shown).filter(([, configs]) => configs.length > 0)) };
}

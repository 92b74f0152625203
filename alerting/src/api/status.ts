import { formatDuration, type Receiver, type Route, type TocsinConfig } from '@tocsin/service/config';
import { stringify } from 'yaml';
import { formatMatcher } from '../notify/matchers.ts';

type Shown = Partial<TocsinConfig['alerting']> & Pick<TocsinConfig['alerting'], 'route' | 'receivers'>;

/**
 * The routing in force as YAML in Alertmanager's shape, without a single secret: addresses that are credentials are left out. amtool reads it
 * (`amtool config routes test`) as strictly as Alertmanager its file, so it holds no key that Alertmanager does not know, and `<secret>` where it wants one.
 */
export function formatRouting({ route, receivers }: Shown): string {
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

function showReceiver({ name, emailConfigs, slackConfigs }: Receiver): object {
  return {
    name,
    ...(emailConfigs.length === 0
      ? {}
      : {
          email_configs: emailConfigs.map(({ to, from, smarthost, sendResolved }) => ({
            to,
            from,
            smarthost: `${smarthost.host}:${smarthost.port}`,
            send_resolved: sendResolved,
          })),
        }),
    ...(slackConfigs.length === 0
      ? {}
      : {
          slack_configs: slackConfigs.map(({ channel, sendResolved }) => ({
            api_url: '<secret>',
            ...(channel === undefined ? {} : { channel }),
            send_resolved: sendResolved,
          })),
        }),
  };
}

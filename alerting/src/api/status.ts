import { formatDuration, type InhibitRule, type Receiver, type Route, type TocsinConfig } from '@tocsin/service/config';
import { stringify } from 'yaml';
import { formatMatcher } from '../notify/matchers.ts';
import { showNamedInterval } from './shown-intervals.ts';

type Shown = Partial<TocsinConfig['alerting']> & Pick<TocsinConfig['alerting'], 'route' | 'receivers'>;

/**
 * The routing in force as YAML in Alertmanager's shape, without a single secret: addresses that are credentials are left out. amtool reads it
 * (`amtool config routes test`) as strictly as Alertmanager its file, so it holds no key that Alertmanager does not know, and `<secret>` where it wants one.
 */
export function formatRouting({ route, receivers, inhibitRules = [], timeIntervals = [] }: Shown): string {
  return stringify({
    ...(route ? { route: showRoute(route, true) } : {}),
    receivers: receivers.map(showReceiver),
    ...(inhibitRules.length === 0 ? {} : { inhibit_rules: inhibitRules.map(showInhibitRule) }),
    ...(timeIntervals.length === 0 ? {} : { time_intervals: timeIntervals.map(showNamedInterval) }),
  });
}

function showInhibitRule({ sourceMatchers, targetMatchers, equal }: InhibitRule): object {
  return {
    source_matchers: sourceMatchers.map(formatMatcher),
    target_matchers: targetMatchers.map(formatMatcher),
    equal,
  };
}

const unlessEmpty = (key: string, names: readonly string[]): object => (names.length === 0 ? {} : { [key]: names });

function showRoute(route: Route, top: boolean): object {
  return {
    receiver: route.receiver,
    group_by: route.groupBy,
    ...(top ? {} : { matchers: route.matchers.map(formatMatcher), continue: route.continue }),
    group_wait: formatDuration(route.groupWaitMs),
    group_interval: formatDuration(route.groupIntervalMs),
    repeat_interval: formatDuration(route.repeatIntervalMs),
    ...unlessEmpty('mute_time_intervals', route.muteTimeIntervals),
    ...unlessEmpty('active_time_intervals', route.activeTimeIntervals),
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

import { setImmediate as nextTurn } from 'node:timers/promises';
import type { Notifier } from '../../notify/notifier.ts';
import { isFiring } from '../../notify/alert-store.ts';
import type { PushIntake } from '../../pushed/intake.ts';
import { defineEndpoint, type Endpoint, ok, refuse } from '../framework/endpoint.ts';
import { flagParameter, listParameter, textParameter } from '../framework/parameters.ts';
import { mapInPortions } from '../framework/portions.ts';
import type { Zod } from '../framework/zod.ts';
import { readAlertFilter } from './filters.ts';
import { alertGroup, type GettableAlert, gettableAlert, postableAlerts, type ShownGroup } from './schemas.ts';
import { isWanted, showAlert } from './shown-alert.ts';

/** What alerts are shown from, and where pushed ones go. */
export interface AlertEndpointOptions {
  readonly notifier: Pick<Notifier, 'alerts' | 'receiversOf' | 'marksOf' | 'groups'>;
  readonly intake: Pick<PushIntake, 'push'>;
  readonly resolveTimeoutMs: () => number;
}

const PUSH_LIMIT_BYTES = 8 * 2 ** 20;
const RETRY_FULL_S = 60;
const RETRY_BUSY_S = 5;

const alertQuery = (z: Zod) => ({
  active: flagParameter(z, true, 'Alerts that somebody is told of.'),
  silenced: flagParameter(z, true, 'Silenced ones.'),
  inhibited: flagParameter(z, true, 'Inhibited ones.'),
  filter: listParameter(z, 'Matchers, all of which must match: `severity="page"`.'),
  receiver: textParameter(z, 'A regular expression over the whole name of a receiver.'),
  receiver_matchers: listParameter(z, 'Matchers over labels of receivers; receivers have none here.'),
});

/** Alertmanager's `/api/v2/alerts` and `/api/v2/alerts/groups`. */
export function alertEndpoints(options: AlertEndpointOptions): readonly Endpoint[] {
  return [listAlerts(options), pushAlerts(options), listGroups(options)];
}

function listAlerts({ notifier, resolveTimeoutMs }: AlertEndpointOptions): Endpoint {
  return defineEndpoint({
    method: 'GET',
    path: '/api/v2/alerts',
    tag: 'alerts',
    summary: 'Alerts that fire, in the order of their fingerprints.',
    role: 'viewer',
    query: (z) => z.object({ ...alertQuery(z), unprocessed: flagParameter(z, true, 'Alerts that go to no receiver.') }),
    answer: (z) => z.array(gettableAlert(z)),
    refusals: { 400: 'A filter cannot be read.' },
    async handle({ query }, { nowMs }) {
      const filter = readAlertFilter(query);
      if (filter.status === 'invalid') return refuse(400, filter.detail);
      const { matches, matchesReceiver } = filter.value;
      const narrow = query.receiver !== undefined || query.receiver_matchers.length > 0;
      const shown = await mapInPortions(notifier.alerts.listAlerts(nowMs), (alert): GettableAlert | undefined => {
        if (!isFiring(alert, nowMs) || !matches(alert.labels)) return undefined;
        const receivers = notifier.receiversOf(alert);
        if (narrow && !receivers.some(matchesReceiver)) return undefined;
        const context = { receivers, marks: notifier.marksOf(alert, nowMs), resolveTimeoutMs: resolveTimeoutMs() };
        const entry = showAlert(alert, context, nowMs);
        return isWanted(entry.status, query) ? entry : undefined;
      });
      return ok(shown.sort((a, b) => (a.fingerprint < b.fingerprint ? -1 : 1)));
    },
  });
}

function listGroups({ notifier, resolveTimeoutMs }: AlertEndpointOptions): Endpoint {
  return defineEndpoint({
    method: 'GET',
    path: '/api/v2/alerts/groups',
    tag: 'alerts',
    summary: 'Alerts that fire, in the groups in which they are spoken of.',
    role: 'viewer',
    query: (z) => z.object({ ...alertQuery(z), muted: flagParameter(z, true, 'Groups that a time interval mutes.') }),
    answer: (z) => z.array(alertGroup(z)),
    refusals: { 400: 'A filter cannot be read.' },
    async handle({ query }, { nowMs }) {
      const filter = readAlertFilter(query);
      if (filter.status === 'invalid') return refuse(400, filter.detail);
      const { matches, matchesReceiver } = filter.value;
      const wanted = { ...query, unprocessed: true };
      const shown: ShownGroup[] = [];
      for (const { receiver, labels, alerts, mutedBy } of notifier.groups(nowMs)) {
        if (!matchesReceiver(receiver) || (mutedBy.length > 0 && !query.muted)) continue;
        const members = await mapInPortions(alerts, (alert): GettableAlert | undefined => {
          if (!isFiring(alert, nowMs) || !matches(alert.labels)) return undefined;
          const marks = { ...notifier.marksOf(alert, nowMs), mutedBy };
          const context = { receivers: notifier.receiversOf(alert), marks, resolveTimeoutMs: resolveTimeoutMs() };
          const entry = showAlert(alert, context, nowMs);
          return isWanted(entry.status, wanted) ? entry : undefined;
        });
        if (members.length > 0) shown.push({ labels, routeLabels: {}, receiver: { name: receiver }, alerts: members });
        await nextTurn();
      }
      return ok(shown);
    },
  });
}

function pushAlerts({ intake }: AlertEndpointOptions): Endpoint {
  return defineEndpoint({
    method: 'POST',
    path: '/api/v2/alerts',
    tag: 'alerts',
    summary: 'Pushes alerts. Answered once they are on disk; one that cannot be kept holds up none of the others.',
    role: 'sender',
    body: postableAlerts,
    bodyLimitBytes: PUSH_LIMIT_BYTES,
    refusals: {
      400: 'Some alerts cannot be kept; the others are.',
      429: 'As many pushed alerts fire as may (alerting.api.max_pushed_alerts): new ones find no room, the others are kept.',
      503: 'Too many requests wait; nothing of this one was kept.',
    },
    async handle({ body }) {
      const posted = body.map(({ labels, annotations = {}, startsAt, endsAt, generatorURL = '' }) => ({
        labels,
        annotations,
        startsAtMs: startsAt,
        endsAtMs: endsAt,
        generatorUrl: generatorURL,
      }));
      const result = await intake.push(posted);
      if (result.status === 'busy')
        return refuse(503, 'too many requests wait; nothing was kept', { retryAfterS: RETRY_BUSY_S });
      if (result.full > 0)
        return refuse(429, `expected fewer alerts: ${result.full} found no room (alerting.api.max_pushed_alerts)`, {
          retryAfterS: RETRY_FULL_S,
        });
      return result.complaints.length > 0 ? refuse(400, result.complaints.join('\n')) : ok(undefined);
    },
  });
}

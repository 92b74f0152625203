import type { Alert } from '../../alert.ts';
import type { GroupListings, GroupOfReceiver } from '../../notify/group-listings.ts';
import type { GroupListing } from '../../notify/marks.ts';
import type { Notifier } from '../../notify/notifier.ts';
import { isFiring } from '../../notify/alert-store.ts';
import type { PushIntake } from '../../pushed/intake.ts';
import { defineEndpoint, type Endpoint, ok, refuse } from '../framework/endpoint.ts';
import { flagParameter, listParameter, textParameter } from '../framework/parameters.ts';
import { inPages, jsonArray, jsonEntries, JsonPieces, turnAfterEach } from '../framework/portions.ts';
import type { Zod } from '../framework/zod.ts';
import { readAlertFilter } from './filters.ts';
import { alertGroup, type GettableAlert, gettableAlert, postableAlerts } from './schemas.ts';
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
const BUSY = 'As many large answers are under way as may.';

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
    isLarge: true,
    refusals: { 400: 'A filter cannot be read.', 503: BUSY },
    handle({ query }, { nowMs }) {
      const filter = readAlertFilter(query);
      if (filter.status === 'invalid') return refuse(400, filter.detail);
      const { matches, matchesReceiver } = filter.value;
      const narrow = query.receiver !== undefined || query.receiver_matchers.length > 0;
      const pages = inPages<Alert>((last, limit) => notifier.alerts.listFiring(last?.fingerprint ?? '', limit, nowMs));
      const show = (alert: Alert): GettableAlert | undefined => {
        if (!matches(alert.labels)) return undefined;
        const receivers = notifier.receiversOf(alert);
        if (narrow && !receivers.some(matchesReceiver)) return undefined;
        const context = { receivers, marks: notifier.marksOf(alert, nowMs), resolveTimeoutMs: resolveTimeoutMs() };
        const entry = showAlert(alert, context, nowMs);
        return isWanted(entry.status, query) ? entry : undefined;
      };
      return ok(new JsonPieces(jsonArray(pages, show)));
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
    isLarge: true,
    refusals: { 400: 'A filter cannot be read.', 503: BUSY },
    handle({ query }, { nowMs }) {
      const filter = readAlertFilter(query);
      if (filter.status === 'invalid') return refuse(400, filter.detail);
      const { matches, matchesReceiver } = filter.value;
      const wanted = { ...query, unprocessed: true };
      const show = (alert: Alert, mutedBy: readonly string[]): GettableAlert | undefined => {
        if (!isFiring(alert, nowMs) || !matches(alert.labels)) return undefined;
        const marks = { ...notifier.marksOf(alert, nowMs), mutedBy };
        const context = { receivers: notifier.receiversOf(alert), marks, resolveTimeoutMs: resolveTimeoutMs() };
        const entry = showAlert(alert, context, nowMs);
        return isWanted(entry.status, wanted) ? entry : undefined;
      };
      const isShown = ({ receiver, mutedBy }: GroupListing): boolean =>
        matchesReceiver(receiver) && (mutedBy.length === 0 || query.muted);
      return ok(new JsonPieces(writeGroups(notifier.groups, isShown, show, nowMs)));
    },
  });
}

/** Groups in the order of receivers and labels. One of which nothing is shown is left out. */
async function* writeGroups(
  groups: GroupListings,
  isShown: (group: GroupListing) => boolean,
  show: (alert: Alert, mutedBy: readonly string[]) => GettableAlert | undefined,
  nowMs: number,
): AsyncGenerator<string> {
  const byReceiver = new Map<string, string[]>();
  for await (const page of inPages<GroupOfReceiver>((last, limit) => groups.keysAfter(last?.groupKey ?? '', limit)))
    for (const { groupKey, receiver } of page) {
      if (receiver === undefined) continue;
      const keys = byReceiver.get(receiver);
      if (keys) keys.push(groupKey);
      else byReceiver.set(receiver, [groupKey]);
    }
  yield '[';
  let isFirst = true;
  const turn = turnAfterEach();
  for (const receiver of [...byReceiver.keys()].sort())
    for (const groupKey of byReceiver.get(receiver) ?? []) {
      const group = groups.find(groupKey, nowMs);
      let entries = 1;
      let isOpen = false;
      const pages = inPages<Alert>((last, limit) => {
        const page = group && isShown(group) ? groups.membersAfter(groupKey, last?.fingerprint ?? '', limit) : [];
        entries += page.length;
        return page;
      });
      for await (const piece of jsonEntries(pages, (alert) => show(alert, group?.mutedBy ?? []))) {
        const head = { labels: group?.labels, routeLabels: {}, receiver: { name: receiver } };
        if (!isOpen) yield `${isFirst ? '' : ','}${JSON.stringify(head).slice(0, -1)},"alerts":[`;
        isOpen = true;
        isFirst = false;
        yield piece;
      }
      if (isOpen) yield ']}';
      await turn(entries);
    }
  yield ']';
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

import { parseMatcher } from '@tocsin/service/config';
import type { Alert, LabelSet } from '../alert.ts';
import { isFiring } from '../notify/alert-store.ts';
import { compileMatcher, type CompiledMatcher } from '../notify/matchers.ts';
import { booleanParameter, listParameter, type Query, QueryError, textParameter } from './query.ts';

/** An alert as Alertmanager's API v2 shows it (`gettableAlert`). Times are ISO 8601, UTC. */
export interface GettableAlert {
  readonly annotations: LabelSet;
  readonly endsAt: string;
  readonly fingerprint: string;
  readonly receivers: readonly { readonly name: string }[];
  readonly startsAt: string;
  readonly status: {
    readonly inhibitedBy: readonly string[];
    readonly mutedBy: readonly string[];
    readonly silencedBy: readonly string[];
    readonly state: 'active' | 'unprocessed';
  };
  readonly updatedAt: string;
  readonly generatorURL: string;
  readonly labels: LabelSet;
}

/** What the answer is made of. */
export interface AlertListing {
  readonly alerts: readonly Alert[];
  readonly receiversOf: (alert: Alert) => readonly string[];
  readonly resolveTimeoutMs: number;
}

/**
 * Answers `GET /api/v2/alerts`: the alerts that fire, by the parameters `filter` (matchers, all must match), `receiver` (a
 * regular expression over the whole name), `active` and `unprocessed`. An alert that goes to no receiver is unprocessed. There are no
 * silences and inhibitions, so `silenced` and `inhibited` make no difference.
 * @throws QueryError where a parameter cannot be read
 */
export function listGettableAlerts(listing: AlertListing, query: Query, nowMs: number): GettableAlert[] {
  const filters = listParameter(query, 'filter').map(readFilter);
  const receiver = readReceiver(textParameter(query, 'receiver'));
  const wanted = {
    active: booleanParameter(query, 'active', true),
    unprocessed: booleanParameter(query, 'unprocessed', true),
  };
  return listing.alerts
    .filter((alert) => isFiring(alert, nowMs) && filters.every((matches) => matches(alert.labels)))
    .map((alert) => toGettable(alert, listing, nowMs))
    .filter(
      ({ status, receivers }) =>
        wanted[status.state] && (!receiver || receivers.some(({ name }) => receiver.test(name))),
    );
}

function readFilter(source: string): CompiledMatcher {
  const matcher = parseMatcher(source);
  if (!matcher)
    throw new QueryError(`filter: expected a matcher such as severity="page", found ${JSON.stringify(source)}`);
  return compileMatcher(matcher);
}

function readReceiver(source: string | undefined): RegExp | undefined {
  if (source === undefined) return undefined;
  try {
    return new RegExp(`^(?:${source})$`);
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    throw new QueryError(`receiver: expected a regular expression, found ${JSON.stringify(source)}`, { cause: error });
  }
}

function toGettable(alert: Alert, { receiversOf, resolveTimeoutMs }: AlertListing, nowMs: number): GettableAlert {
  const receivers = receiversOf(alert).map((name) => ({ name }));
  return {
    annotations: alert.annotations,
    endsAt: new Date(alert.endsAtMs ?? nowMs + resolveTimeoutMs).toISOString(),
    fingerprint: alert.fingerprint,
    receivers,
    startsAt: new Date(alert.startsAtMs).toISOString(),
    status: {
      inhibitedBy: [],
      mutedBy: [],
      silencedBy: [],
      state: receivers.length === 0 ? 'unprocessed' : 'active',
    },
    updatedAt: new Date(alert.updatedAtMs).toISOString(),
    generatorURL: alert.generatorUrl,
    labels: alert.labels,
  };
}

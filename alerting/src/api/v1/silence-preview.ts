import { setImmediate as nextTurn } from 'node:timers/promises';
import { type Matcher, parseMatcher } from '@tocsin/service/config';
import type { AlertHistory } from '../../history/alert-history.ts';
import type { Alert } from '../../alert.ts';
import { inPages } from '../framework/portions.ts';
import { compileMatchers, formatMatcher } from '../../notify/matchers.ts';
import type { Notifier } from '../../notify/notifier.ts';
import { checkSilence, SilenceError } from '../../silences/silence.ts';
import { defineEndpoint, type Endpoint, ok, refuse } from '../framework/endpoint.ts';
import { labelSet, shownTime } from '../v2/schemas.ts';
import { toMatcher } from '../v2/silences.ts';

/** What a preview looks at. */
export interface PreviewOptions {
  readonly notifier: Pick<Notifier, 'alerts' | 'silences'>;
  readonly history: Pick<AlertHistory, 'since'>;
}

const WEEK_MS = 7 * 86_400_000;
/** Alerts that an answer lists; the counts are of all. */
const MAX_LISTED = 200;

/** `POST /api/v1/silences/preview`: which alerts a silence would hit. It changes nothing. */
export function previewEndpoints(options: PreviewOptions): readonly Endpoint[] {
  return [
    defineEndpoint({
      method: 'POST',
      path: '/api/v1/silences/preview',
      tag: 'silences',
      summary:
        'Which alerts a silence with these matchers would hit now, and which fired in the last week. Changes nothing.',
      role: 'viewer',
      body: (z) =>
        z.strictObject({
          matchers: z
            .array(
              z.union([
                z.string().transform((source, context): Matcher => {
                  const matcher = parseMatcher(source);
                  if (matcher) return matcher;
                  context.addIssue({ code: 'custom', message: 'a matcher such as severity="page"' });
                  return z.NEVER;
                }),
                z
                  .strictObject({
                    name: z.string().min(1),
                    value: z.string(),
                    isRegex: z.boolean().default(false),
                    isEqual: z.boolean().default(true),
                  })
                  .transform(toMatcher),
              ]),
            )
            .min(1)
            .max(100)
            .meta({ description: 'As `severity="page"`, or as the API v2 has them.' }),
        }),
      answer: (z) =>
        z
          .object({
            matchers: z.array(z.string()),
            now: z.object({
              count: z.number(),
              alerts: z.array(
                z.object({
                  fingerprint: z.string(),
                  labels: labelSet(z),
                  startsAt: shownTime(z),
                  silencedBy: z.array(z.string()),
                }),
              ),
            }),
            lastWeek: z.object({
              since: shownTime(z),
              count: z.number(),
              episodes: z.number(),
              alerts: z.array(
                z.object({
                  fingerprint: z.string(),
                  labels: labelSet(z),
                  episodes: z.number(),
                  lastStartsAt: shownTime(z),
                  lastEndsAt: shownTime(z).nullable(),
                }),
              ),
            }),
          })
          .meta({ id: 'SilencePreview' }),
      refusals: { 422: 'Such a silence cannot be.' },
      async handle({ body: { matchers } }, { nowMs }) {
        const wrong = cannotBe(matchers, nowMs);
        if (wrong !== undefined) return refuse(422, wrong);
        const lastWeek = await previewWeek(options.history, matchers, nowMs);
        return ok({
          matchers: matchers.map(formatMatcher),
          now: await previewNow(options.notifier, matchers, nowMs),
          lastWeek,
        });
      },
    }),
  ];
}

function cannotBe(matchers: readonly Matcher[], nowMs: number): string | undefined {
  try {
    checkSilence({ matchers, startsAtMs: nowMs, endsAtMs: nowMs + 1, createdBy: '', comment: '' }, nowMs);
    return undefined;
  } catch (error) {
    if (!(error instanceof SilenceError)) throw error;
    return error.message;
  }
}

async function previewNow(
  { alerts, silences }: PreviewOptions['notifier'],
  matchers: readonly Matcher[],
  nowMs: number,
) {
  const matches = compileMatchers(matchers);
  let count = 0;
  const hit: Alert[] = [];
  const pages = inPages<Alert>((last, limit) => alerts.listFiring(last?.fingerprint ?? '', limit, nowMs));
  for await (const page of pages)
    for (const alert of page) {
      if (!matches(alert.labels)) continue;
      count += 1;
      if (hit.length < MAX_LISTED) hit.push(alert);
    }
  return {
    count,
    alerts: hit.map(({ fingerprint, labels, startsAtMs }) => ({
      fingerprint,
      labels,
      startsAt: new Date(startsAtMs).toISOString(),
      silencedBy: [...silences.silencing(labels, nowMs)],
    })),
  };
}

interface Past {
  readonly fingerprint: string;
  readonly labels: Readonly<Record<string, string>>;
  episodes: number;
  lastStartsAtMs: number;
  lastEndsAtMs: number | undefined;
}

/** The history may be long: other work gets its turn between portions of it. */
async function previewWeek(history: PreviewOptions['history'], matchers: readonly Matcher[], nowMs: number) {
  const matches = compileMatchers(matchers);
  const sinceMs = nowMs - WEEK_MS;
  const byFingerprint = new Map<string, Past>();
  let episodes = 0;
  for (const portion of history.since(sinceMs, nowMs)) {
    for (const { fingerprint, labels, startsAtMs, endsAtMs } of portion) {
      if (!matches(labels)) continue;
      episodes += 1;
      const known = byFingerprint.get(fingerprint);
      if (!known) {
        const last = { lastStartsAtMs: startsAtMs, lastEndsAtMs: endsAtMs };
        byFingerprint.set(fingerprint, { fingerprint, labels, episodes: 1, ...last });
        continue;
      }
      known.episodes += 1;
      if (startsAtMs > known.lastStartsAtMs)
        Object.assign(known, { lastStartsAtMs: startsAtMs, lastEndsAtMs: endsAtMs });
    }
    await nextTurn();
  }
  const oftenFirst = [...byFingerprint.values()].sort(
    (a, b) => b.episodes - a.episodes || b.lastStartsAtMs - a.lastStartsAtMs,
  );
  return {
    since: new Date(sinceMs).toISOString(),
    count: byFingerprint.size,
    episodes,
    alerts: oftenFirst.slice(0, MAX_LISTED).map(({ lastStartsAtMs, lastEndsAtMs, ...alert }) => ({
      ...alert,
      lastStartsAt: new Date(lastStartsAtMs).toISOString(),
      lastEndsAt: lastEndsAtMs === undefined ? null : new Date(lastEndsAtMs).toISOString(),
    })),
  };
}

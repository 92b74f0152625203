import type { HttpServer } from '@tocsin/service/http';
import type { Logger } from '@tocsin/service/log';
import type { FastifyError } from 'fastify';
import { askPage, MISSING, page } from './link-pages.ts';
import type { LinkStore, LinkSubject } from './link-store.ts';
import { type LinkAction, verifyLink } from './link-token.ts';

/** What came of a link or a button. */
export interface LinkOutcome {
  readonly status: 'done' | 'refused';
  /** For whoever pressed it. */
  readonly sentence: string;
}

/** What links do; what is missing says so on its page. The database's own functions stand behind it. */
export interface LinkActions {
  /** Somebody has taken the group on. */
  readonly acknowledge?: ((subject: LinkSubject, actor: string, nowMs: number) => LinkOutcome) | undefined;
  /** Nobody is told about alerts with these labels for so long. */
  readonly silence?:
    ((subject: LinkSubject, durationMs: number, actor: string, nowMs: number) => LinkOutcome) | undefined;
}

/** What the pages of links work with. */
export interface LinkRoutesOptions {
  readonly store: Pick<LinkStore, 'key' | 'find'>;
  readonly actions: LinkActions;
  readonly log: Pick<Logger, 'error'>;
  readonly now: () => number;
}

/** How long a silence of a link lasts. */
const DURATIONS_MS: Readonly<Record<string, number>> = { '1h': 3_600_000, '4h': 14_400_000, '24h': 86_400_000 };
const DEFAULT_DURATION_MS = 3_600_000;
const MAX_ACTOR = 100;
const MAX_FORM_BYTES = 4_096;

const REFUSED = {
  malformed: [404, 'There is no such link.'],
  forged: [403, 'This link was not made by this Tocsin.'],
  expired: [410, 'This link has expired: the links of a message work for a day.'],
} as const;

interface Params {
  readonly Params: { readonly token: string };
}

/**
 * Adds the pages behind the links of messages. A GET only asks, so that a program that looks through mail does nothing; the button sends
 * the POST that acts. The link is the permission: whoever holds it may.
 */
export function addLinkRoutes(app: HttpServer['app'], { store, actions, log, now }: LinkRoutesOptions): void {
  const find = (token: string): Found => {
    const verdict = verifyLink(token, store.key, now());
    if (verdict.status === 'refused') return { refused: REFUSED[verdict.reason] };
    const { action, notificationId } = verdict.claim;
    if (action === 'chart') return { refused: REFUSED.malformed };
    const subject = store.find(notificationId);
    return subject ? { subject, action } : { refused: REFUSED.expired };
  };
  void app.register((pages, _options, done) => {
    pages.removeAllContentTypeParsers();
    pages.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: MAX_FORM_BYTES },
      (_request, body, parsed) => parsed(null, Object.fromEntries(new URLSearchParams(String(body)))),
    );
    pages.addHook('onSend', async (_request, reply) => {
      void reply.headers(HEADERS);
    });
    pages.setErrorHandler((error: FastifyError, _request, reply) => {
      const status = error.statusCode ?? 500;
      if (status < 500) return reply.code(status).send(page('Not possible', 'The form cannot be read.'));
      // Without the address: it is the permission.
      log.error({ err: error }, 'a link could not be followed');
      return reply.code(500).send(page('Not possible', 'An error of ours; the log has it.'));
    });
    pages.get<Params>('/links/:token', (request, reply) => {
      const found = find(request.params.token);
      if ('refused' in found) return reply.code(found.refused[0]).send(page('Not possible', found.refused[1]));
      const { subject, action } = found;
      return reply.send(
        actions[action] ? askPage(action, subject, Object.keys(DURATIONS_MS)) : page(subject.title, MISSING),
      );
    });
    pages.post<Params>('/links/:token', (request, reply) => {
      const found = find(request.params.token);
      if ('refused' in found) return reply.code(found.refused[0]).send(page('Not possible', found.refused[1]));
      const form = (request.body ?? {}) as Readonly<Record<string, string>>;
      const actor = nameIn(form) || `a link sent to ${found.subject.receiver}`;
      const durationMs = DURATIONS_MS[form['duration'] ?? ''] ?? DEFAULT_DURATION_MS;
      const said =
        found.action === 'acknowledge'
          ? actions.acknowledge?.(found.subject, actor, now())
          : actions.silence?.(found.subject, durationMs, actor, now());
      return reply.code(said === undefined ? 501 : 200).send(page(found.subject.title, said?.sentence ?? MISSING));
    });
    done();
  });
}

function nameIn({ name = '' }: Readonly<Record<string, string>>): string {
  return toActor(name);
}

/** A name as one line, whatever was typed: it stands in messages. */
export function toActor(name: string): string {
  return name
    .replace(/[\s\p{Cc}]+/gu, ' ')
    .trim()
    .slice(0, MAX_ACTOR)
    .toWellFormed();
}

type Found =
  | { readonly refused: readonly [status: number, sentence: string] }
  | { readonly subject: LinkSubject; readonly action: LinkAction };

/** The token is in the address: it goes neither into a cache nor to another site, and no other page frames the button. */
const HEADERS = {
  'content-type': 'text/html; charset=utf-8',
  'cache-control': 'no-store',
  'referrer-policy': 'no-referrer',
  'x-robots-tag': 'noindex',
  'content-security-policy':
    "default-src 'none'; style-src 'unsafe-inline'; form-action 'self'; frame-ancestors 'none'; base-uri 'none'",
};

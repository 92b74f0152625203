import type { OnCallUser, SlackConfig } from '@tocsin/service/config';
import type { HttpServer } from '@tocsin/service/http';
import type { Logger } from '@tocsin/service/log';
import { type LinkActions, type LinkOutcome, toActor } from '../../../links/link-routes.ts';
import type { LinkStore } from '../../../links/link-store.ts';
import { verifyLink } from '../../../links/link-token.ts';
import { pressedMessage } from './pressed-message.ts';
import { type Press, readPress } from './press.ts';
import { createResponder } from './respond.ts';
import { SIGNATURE_AGE_MS, verifySlackSignature } from './signature.ts';

/** What pressed buttons work with. */
export interface SlackRoutesOptions {
  readonly store: Pick<LinkStore, 'key' | 'find'>;
  readonly actions: LinkActions;
  /** The Slack channels of the configuration in force, and who is who. */
  readonly configs: () => readonly SlackConfig[];
  readonly users: () => readonly OnCallUser[];
  /** What became of a request; also the metric attribute. */
  readonly count: (outcome: PressOutcome) => void;
  readonly log: Logger;
  readonly now: () => number;
}

export type PressOutcome =
  'done' | 'not_done' | 'ignored' | 'malformed' | 'not_configured' | 'unsigned' | 'forged' | 'too_old' | 'replayed';

export const SLACK_PATH = '/api/v1/slack/actions';
const MAX_BODY_BYTES = 524_288;
/** Signatures that are remembered; beyond it the oldest are forgotten, which their age refuses soon. */
const MAX_SEEN = 10_000;

const STATUS = {
  done: 200,
  not_done: 200,
  ignored: 200,
  malformed: 400,
  not_configured: 404,
  unsigned: 401,
  forged: 401,
  too_old: 401,
  replayed: 409,
} as const satisfies Record<PressOutcome, number>;

/**
 * Takes the buttons that Slack reports (block_actions). The signature says that it is Slack, the link in the button that it was made by this Tocsin; what is to be done is
 * done before the answer, the message is brought up to date after it, for Slack waits 3 s. Source: Slack API documentation, "Handling user interaction".
 * @returns what ends it
 */
export function addSlackRoutes(app: HttpServer['app'], options: SlackRoutesOptions): { stop(): Promise<void> } {
  const responder = createResponder(options.log);
  const isNew = createMemory();
  const take = (headers: Readonly<Record<string, unknown>>, body: string): PressOutcome => {
    const nowMs = options.now();
    const configs = options.configs().filter(({ signingSecret }) => signingSecret !== undefined);
    if (configs.length === 0) return 'not_configured';
    const secrets = [...new Set(configs.map(({ signingSecret = '' }) => signingSecret))];
    const [timestamp, signature] = [textOf(headers, 'x-slack-request-timestamp'), textOf(headers, 'x-slack-signature')];
    const verdict = verifySlackSignature({ timestamp, signature, body }, secrets, nowMs);
    if (verdict.status === 'refused') return verdict.reason;
    if (!isNew(signature ?? '', nowMs)) return 'replayed';
    const press = readPress(body);
    if (typeof press === 'string') return press;
    const config = configs.find(({ signingSecret }) => signingSecret === verdict.secret);
    const result = act(press, options, nowMs);
    const answer =
      result.status === 'done'
        ? pressedMessage(press.message, press.action, result.sentence)
        : { response_type: 'ephemeral', replace_original: false, text: result.sentence };
    if (config) responder.respond(config, press.responseUrl, answer);
    return result.status === 'done' ? 'done' : 'not_done';
  };
  void app.register((pages, _options, ready) => {
    pages.addContentTypeParser(
      'application/x-www-form-urlencoded',
      { parseAs: 'string', bodyLimit: MAX_BODY_BYTES },
      (_request, body, parsed) => parsed(null, body),
    );
    pages.post(SLACK_PATH, (request, reply) => {
      const outcome = take(request.headers, typeof request.body === 'string' ? request.body : '');
      options.count(outcome);
      return reply.code(STATUS[outcome]).header('cache-control', 'no-store').send();
    });
    ready();
  });
  return { stop: () => responder.stop() };
}

function act(press: Press, { store, actions, users }: SlackRoutesOptions, nowMs: number): LinkOutcome {
  const verdict = verifyLink(press.token, store.key, nowMs);
  if (verdict.status === 'refused' || verdict.claim.action !== press.action)
    return refused('This button no longer works: those of a message work for a day.');
  const subject = store.find(verdict.claim.notificationId);
  if (!subject) return refused('Nothing is known of this message any more.');
  const known = users().find(({ slackId }) => slackId === press.userId);
  // A name of Slack's is nobody's of ours: whoever may choose it could pass for another.
  const actor = known?.name ?? `${toActor(press.userName)} (Slack)`;
  if (press.action === 'silence')
    return actions.silence?.(subject, press.durationMs, actor, nowMs) ?? refused(NOTHING_BEHIND);
  const outcome = actions.acknowledge?.(subject, actor, nowMs) ?? refused(NOTHING_BEHIND);
  return outcome.status === 'done'
    ? { ...outcome, sentence: `Acknowledged by ${actor}. ${outcome.sentence}` }
    : outcome;
}

const NOTHING_BEHIND = 'Nothing stands behind this button.';
const refused = (sentence: string): LinkOutcome => ({ status: 'refused', sentence });

/** Says of each signature once that it is new. */
function createMemory(): (signature: string, nowMs: number) => boolean {
  const seen = new Map<string, number>();
  return (signature, nowMs) => {
    for (const [one, atMs] of seen) {
      if (seen.size <= MAX_SEEN && Math.abs(nowMs - atMs) <= 2 * SIGNATURE_AGE_MS) break;
      seen.delete(one);
    }
    if (seen.has(signature)) return false;
    seen.set(signature, nowMs);
    return true;
  };
}

function textOf(headers: Readonly<Record<string, unknown>>, name: string): string | undefined {
  const value = headers[name];
  return typeof value === 'string' ? value : undefined;
}

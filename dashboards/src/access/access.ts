import type { FastifyRequest } from 'fastify';
import { findByKey, readBearer } from '@tocsin/service/hashed-keys';
import { isPassword, readPasswordHash } from '@tocsin/service/password';
import type { TocsinConfig } from '@tocsin/service/config';
import { type Caller, type Refusal, refuse } from '../api/framework/endpoint.ts';
import { CHANGE_HEADER } from '../api/framework/add-endpoints.ts';
import { SignInAttempts } from './attempts.ts';
import { readCookie, writeCookie } from './cookie.ts';
import type { SessionView } from './contract-types.ts';
import { fingerprintOf, newSession, readToken, writeToken } from './session-token.ts';

/** Somebody who may sign in. */
export type User = TocsinConfig['console']['users'][number];

/** What access goes by. */
export interface AccessOptions {
  /** The configured users as they are now; where there is none, nobody has to sign in. */
  readonly users: () => readonly User[];
  /** Programs that show a token, as they are now. */
  readonly tokens: () => TocsinConfig['console']['tokens'];
  readonly sessionAgeMs: () => number;
  /** The key of the sessions. */
  readonly key: Buffer;
  /** People come over HTTPS: the cookie goes no other way. */
  readonly isHttps: boolean;
  /** Unix ms. */
  readonly now: () => number;
}

/** What signing in gave. */
export type SignIn = { readonly status: 'ok'; readonly view: SessionView; readonly cookie: string } | Refusal;

/** Says who asks, and lets people in. */
export interface Access {
  /** @returns `undefined` where somebody has to sign in and has not */
  identify(request: FastifyRequest): Caller | undefined;
  view(request: FastifyRequest): SessionView;
  signIn(name: string, password: string, address: string): Promise<SignIn>;
  /** Ends the session of the request. @returns the cookie that takes the old one away */
  signOut(request: FastifyRequest): string;
}

/** The most passwords that are looked at together: each takes a tenth of a second and some 32 MiB. */
const AT_ONCE = 4;
/** The most ended sessions remembered until they would have ended by themselves. */
const ENDED_LIMIT = 10_000;
const LONGEST_NAME = 100;

/** Lets everybody in as admin where there are no users; else who has signed in, with the role that his name has now. */
export function createAccess({ users, tokens, sessionAgeMs, key, isHttps, now }: AccessOptions): Access {
  const attempts = new SignInAttempts();
  const ended = new Set<string>();
  let looking = 0;
  let isRequired = false;
  // Once there were users, a reload that takes the last one away opens nothing: only a start without any does.
  const wantsUser = (): boolean => (isRequired ||= users().length > 0);

  const sessionOf = (request: FastifyRequest) => {
    const token = readCookie(request.headers.cookie, isHttps);
    const session = token === undefined ? undefined : readToken(token, key, now());
    return session && !ended.has(session.id) ? session : undefined;
  };
  const identify = (request: FastifyRequest): Caller | undefined => {
    const shown = readBearer(request.headers.authorization);
    const token = shown === undefined ? undefined : findByKey(tokens(), shown);
    if (token) return { name: token.name, role: token.role, isProgram: true };
    // A token that is not ours is not the same as none.
    if (shown !== undefined && tokens().length > 0) return undefined;
    if (!wantsUser()) return { name: saidName(request), role: 'admin' };
    const session = sessionOf(request);
    const user = session && users().find(({ name }) => name === session.name);
    if (!user || fingerprintOf(user.passwordHash) !== session.fingerprint) return undefined;
    return { name: user.name, role: user.role };
  };
  const viewOf = (caller: Caller | undefined): SessionView => ({
    user: caller && { name: caller.name, role: caller.role },
    isRequired: wantsUser(),
  });
  return {
    identify,
    view: (request) => viewOf(identify(request)),
    async signIn(name, password, address) {
      const waitMs = attempts.waitMs(name, address, now());
      if (waitMs > 0)
        return refuse('too_many', `Too many attempts failed. Try again in ${Math.ceil(waitMs / 60_000)} min.`);
      if (looking >= AT_ONCE) return refuse('too_many', 'Too many people sign in at this moment. Try again.');
      const user = users().find((one) => one.name === name);
      looking++;
      const isKnown = await isPassword(password, user && readPasswordHash(user.passwordHash)).finally(() => looking--);
      if (!user || !isKnown) {
        attempts.failed(name, address, now());
        return refuse('unauthenticated', 'The name or the password is not right.');
      }
      attempts.succeeded(name, address);
      const ageMs = sessionAgeMs();
      const token = writeToken(newSession(name, user.passwordHash, now() + ageMs), key);
      return {
        status: 'ok',
        view: viewOf({ name: user.name, role: user.role }),
        cookie: writeCookie(token, { isHttps, ageMs }),
      };
    },
    signOut(request) {
      const session = sessionOf(request);
      if (session) ended.add(session.id);
      for (const oldest of ended) {
        if (ended.size <= ENDED_LIMIT) break;
        ended.delete(oldest);
      }
      return writeCookie('', { isHttps, ageMs: 0 });
    },
  };
}

/** Where nobody signs in, the browser may say who sits there: it names an actor, and gives no right. */
function saidName(request: FastifyRequest): string {
  const said = request.headers[CHANGE_HEADER];
  if (typeof said !== 'string' || said === '1' || said.length > 3 * LONGEST_NAME) return 'console';
  try {
    const name = decodeURIComponent(said);
    return name.length <= LONGEST_NAME && /^[^\p{Cc}]+$/u.test(name) ? name : 'console';
  } catch (error) {
    if (error instanceof URIError) return 'console';
    throw error;
  }
}

import { findByKey, hashKey, type HashedKey, readBearer } from '@tocsin/service/hashed-keys';
import type { Role } from './roles.ts';

/** A token as the configuration has it. */
export interface Token extends HashedKey {
  readonly role: Role;
}

/** Who asks. */
export interface Caller {
  readonly actor: string;
  readonly role: Role;
}

/** What a gate goes by. */
export interface GateRules {
  readonly tokens: readonly Token[];
  /** Whether nobody gets in without a token. */
  readonly required: boolean;
  /** The key of Tocsin's own processes. */
  readonly internalKey: string | undefined;
}

/** The header in which the console names the person for whom it acts, percent-encoded. */
export const ACTOR_HEADER = 'x-tocsin-actor';
const LONGEST_ACTOR = 200;

/** Who asks where nobody has to say. */
const ANONYMOUS: Caller = { actor: 'anonymous', role: 'admin' };

/**
 * Says who sends a request by its `Authorization` header: `Bearer TOKEN` (RFC 6750, section 2.1), or `Basic` with the token as the
 * password (RFC 7617; the user is not looked at, for the token has a name). Where no token is wanted, one that is shown still counts,
 * and what is none is ignored: it may be for a proxy before us. The console, which shows the key of our own processes, names the person for whom
 * it acts; from nobody else is that believed.
 * @param onBehalfOf the header `ACTOR_HEADER`
 * @returns `undefined` where a token is wanted and none, or a wrong one, was shown
 */
export function identify(
  authorization: string | undefined,
  rules: GateRules,
  onBehalfOf?: string | string[],
): Caller | undefined {
  const shown = readBearer(authorization) ?? readBasicPassword(authorization);
  const known = shown === undefined ? undefined : findByKey([...ownProcesses(rules), ...rules.tokens], shown);
  if (known) {
    const isConsole = known.sha256 === ownProcesses(rules)[0]?.sha256;
    return { actor: (isConsole ? readActor(onBehalfOf) : undefined) ?? known.name, role: known.role };
  }
  return rules.required ? undefined : ANONYMOUS;
}

/** The console reads and acts for people; it does not administer. */
function ownProcesses({ internalKey }: GateRules): readonly Token[] {
  return internalKey === undefined ? [] : [{ name: 'tocsin', sha256: hashKey(internalKey), role: 'responder' }];
}

/** A name as it was encoded; what is none, or too long, or would break a line of a message, does not count. */
function readActor(header: string | string[] | undefined): string | undefined {
  if (typeof header !== 'string' || header.length > 3 * LONGEST_ACTOR) return undefined;
  try {
    const name = decodeURIComponent(header);
    return name !== '' && name.length <= LONGEST_ACTOR && !/\p{Cc}/u.test(name) ? name : undefined;
  } catch (error) {
    if (error instanceof URIError) return undefined;
    throw error;
  }
}

function readBasicPassword(authorization: string | undefined): string | undefined {
  const encoded = /^basic +([A-Za-z0-9+/=]+)\s*$/i.exec(authorization ?? '')?.[1];
  const [, password] = /^[^:]*:(.+)$/s.exec(Buffer.from(encoded ?? '', 'base64').toString()) ?? [];
  return password;
}

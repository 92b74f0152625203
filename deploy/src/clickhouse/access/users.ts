import { createHash, timingSafeEqual } from 'node:crypto';
import type { IncomingMessage } from 'node:http';
import {
  BUILT_IN_PROFILE,
  type EmbeddedProfile,
  type EmbeddedUser,
  embeddedUsers,
  type TocsinConfig,
} from '@tocsin/service/config';
import type { EmbeddedCredentials } from '@tocsin/service/embedded-credentials';
import type { SessionState } from '../engine/session.ts';
import { ClickHouseException } from '../exception.ts';
import { refusal } from '../sql/refusal.ts';
import { checkReaderSetting, checkWriterSettings } from '../sql/setting-rules.ts';
import type { Access } from './access.ts';
import { ceilingsOf, READER_SETTINGS_ALWAYS, settingsOf } from './profile.ts';
import { readClaim } from './request-credentials.ts';

/** The state that a request asks for, before it is known for whom. */
export type WantedState = Omit<SessionState, 'access'>;

/** Somebody who has said the right password. */
export interface User {
  readonly access: Access;
  /**
   * What a statement of this user runs in: the settings of the profile, and over them those of the request.
   * @throws ClickHouseException SETTING_CONSTRAINT_VIOLATION for a setting that this user may not change or not so far, ACCESS_DENIED for a database
   */
  stateOf(wanted: WantedState): SessionState;
}

export interface Users {
  /** @throws ClickHouseException AUTHENTICATION_FAILED for an unknown user and for a wrong password alike */
  authenticate(request: Pick<IncomingMessage, 'headers' | 'url'>): User;
}

/** What is compared: the SHA-256 of the password, which is the empty one where the user has none. */
interface Entry {
  readonly user: User;
  readonly sha256: Buffer;
}

/** The users of the configuration, all of whom only read, and Tocsin's own. */
export function createUsers(
  clickhouse: Pick<TocsinConfig['clickhouse'], 'http' | 'users' | 'profiles'>,
  own: EmbeddedCredentials,
): Users {
  const profiles = new Map([BUILT_IN_PROFILE, ...clickhouse.profiles].map((profile) => [profile.name, profile]));
  const entries = new Map<string, Entry>();
  for (const user of embeddedUsers(clickhouse)) {
    const profile = profiles.get(user.profile) ?? BUILT_IN_PROFILE;
    entries.set(user.name, { user: reader(user.name, profile), sha256: hashOf(user) });
  }
  entries.set(own.reader.user, {
    user: reader(own.reader.user, BUILT_IN_PROFILE),
    sha256: sha256(own.reader.password),
  });
  entries.set(own.writer.user, { user: writer(own.writer.user), sha256: sha256(own.writer.password) });

  return {
    authenticate(request) {
      const claim = readClaim(request);
      const entry = entries.get(claim.user);
      const given = sha256(claim.password);
      // An unknown user takes as long as a wrong password.
      const right = timingSafeEqual(given, entry?.sha256 ?? given);
      if (entry && right) return entry.user;
      throw ClickHouseException.of(
        'AUTHENTICATION_FAILED',
        `${claim.user}: Authentication failed: password is incorrect, or there is no user with such name.`,
      );
    },
  };
}

function reader(name: string, profile: EmbeddedProfile): User {
  const ceilings = ceilingsOf(profile);
  const access: Access = { user: name, role: 'reader', ceilings };
  const always = [...settingsOf(profile), ...READER_SETTINGS_ALWAYS];
  return {
    access,
    stateOf(wanted) {
      if (/^system$/i.test(wanted.database))
        throw refusal('system is nobody’s current database: name its tables, as in system.tables');
      for (const [setting, value] of wanted.settings) checkReaderSetting({ name: setting, value }, ceilings);
      return {
        ...wanted,
        access,
        readonly: wanted.readonly === 1 ? 1 : 2,
        settings: new Map([...always, ...wanted.settings]),
      };
    },
  };
}

function writer(name: string): User {
  const access: Access = { user: name, role: 'writer', ceilings: new Map() };
  return {
    access,
    stateOf(wanted) {
      checkWriterSettings([...wanted.settings].map(([setting, value]) => ({ name: setting, value })));
      return { ...wanted, access };
    },
  };
}

/** Who has no password says the empty one, and no other: so a client that is set up wrongly hears of it here and not beyond loopback. */
function hashOf({ password = '', passwordSha256 }: EmbeddedUser): Buffer {
  return passwordSha256 === undefined ? sha256(password) : Buffer.from(passwordSha256, 'hex');
}

function sha256(text: string): Buffer {
  return createHash('sha256').update(text).digest();
}

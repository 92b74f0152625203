import { z } from 'zod';
import { CONSOLE_ROLES } from '../../access/console-roles.ts';
import { EXPECTED_PASSWORD_HASH, readPasswordHash } from '../../access/password.ts';
import { keyHash, namedOnce } from './hashed-key.ts';
import { httpUrl, listen, positiveDuration, text } from './scalars.ts';

const passwordHash = text.refine((value) => readPasswordHash(value) !== undefined, {
  params: { expected: EXPECTED_PASSWORD_HASH },
  message: `expected ${EXPECTED_PASSWORD_HASH}`,
});

const user = z
  .strictObject({ name: text, role: z.enum(CONSOLE_ROLES), password_hash: passwordHash })
  .transform((value) => ({ name: value.name, role: value.role, passwordHash: value.password_hash }));

const token = z.strictObject({ name: text, role: z.enum(CONSOLE_ROLES), sha256: keyHash });

/** The section `console`. */
export const consoleSection = z
  .strictObject({
    http: listen(7600),
    url: httpUrl.optional(),
    grafana_url: httpUrl.optional(),
    users: namedOnce(user, 'users'),
    tokens: namedOnce(token, 'tokens'),
    session_age: positiveDuration.default(7 * 86_400_000),
  })
  .prefault({})
  .transform((value) => ({
    http: value.http,
    url: value.url,
    grafanaUrl: value.grafana_url,
    /** Who may sign in; where there is somebody, nobody comes in without. */
    users: value.users,
    /** Programs that ask the console's API, as pipelines that mark deployments. */
    tokens: value.tokens,
    /** How long somebody stays signed in. */
    sessionAgeMs: value.session_age,
  }));

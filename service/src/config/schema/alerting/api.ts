import { z } from 'zod';
import { API_ROLES } from '../../../access/api-roles.ts';
import { keyHash, namedOnce } from '../hashed-key.ts';
import { text, wholeNumber } from '../scalars.ts';

/** Actors that the audit log has without a token. */
const TAKEN = ['anonymous', 'tocsin'];
const name = text.superRefine((value, context) => {
  const expected = 'another name: this one stands for those without a token';
  if (TAKEN.includes(value))
    context.addIssue({ code: 'custom', message: `expected ${expected}`, params: { expected } });
});

const token = z.strictObject({ name, sha256: keyHash, role: z.enum(API_ROLES) });

/** The section `alerting.api`: who may ask, and how much others may push. */
export const api = z
  .strictObject({
    auth: z.enum(['required', 'off']).optional(),
    tokens: namedOnce(token, 'tokens'),
    max_pushed_alerts: wholeNumber(1, 1_000_000).default(100_000),
  })
  .transform((value) => ({
    /** `undefined`: by the address, see `wantsToken`. */
    auth: value.auth,
    tokens: value.tokens,
    /** Alerts of others that may fire at once. */
    maxPushedAlerts: value.max_pushed_alerts,
  }));

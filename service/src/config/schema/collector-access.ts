import { z } from 'zod';
import { ALWAYS, mappingsIn, refuseIn, textAt } from './cross-checks.ts';
import { size, text, wholeNumber } from './scalars.ts';

const SIGNALS = ['traces', 'metrics', 'logs'] as const;

const key = z
  .strictObject({
    name: text,
    sha256: z
      .string()
      .regex(
        /^[0-9a-f]{64}$/,
        'expected the SHA-256 of a key in 64 lower-case hex digits, as npx tocsin key prints it',
      ),
    signals: z.array(z.enum(SIGNALS)).min(1).optional(),
    requests_per_second: wholeNumber(1).optional(),
    bytes_per_second: size.optional(),
    daily_volume: size.optional(),
  })
  .transform((value) => ({
    name: value.name,
    /** SHA-256 of the key, in hex. */
    sha256: value.sha256,
    signals: value.signals ?? SIGNALS,
    requestsPerSecond: value.requests_per_second,
    bytesPerSecond: value.bytes_per_second,
    /** Bytes a day (UTC). */
    dailyBytes: value.daily_volume,
  }));

/** The keys by which senders are known; each name once. */
export const keys = z
  .array(key)
  .default([])
  .superRefine((value: unknown, context) => {
    const refuse = refuseIn(context);
    const seen = new Map<string, number>();
    for (const [index, entry] of mappingsIn(value)) {
      const name = textAt(entry, 'name');
      if (name === undefined) continue;
      const first = seen.get(name);
      if (first === undefined) seen.set(name, index);
      else refuse([index, 'name'], `a name of its own (keys[${first}] has this one)`);
    }
  }, ALWAYS);

/** Whether senders must show a key; when it is not set, only on addresses other than loopback. */
export const auth = z.enum(['required', 'off']).optional();

/** The certificate of the listeners. */
export const tls = z
  .strictObject({ cert_file: text, key_file: text })
  .transform((value) => ({ certFile: value.cert_file, keyFile: value.key_file }));

/** An origin as a browser sends it, or `*`. */
export const origin = z
  .string()
  .regex(/^(?:\*|https?:\/\/[^/\s*]+)$/, 'expected an origin such as https://shop.example.com, without a path, or *');

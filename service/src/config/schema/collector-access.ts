import { z } from 'zod';
import { keyHash, namedOnce } from './hashed-key.ts';
import { size, text, wholeNumber } from './scalars.ts';

const SIGNALS = ['traces', 'metrics', 'logs'] as const;

const key = z
  .strictObject({
    name: text,
    sha256: keyHash,
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
export const keys = namedOnce(key, 'keys');

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

import { randomBytes, scrypt, timingSafeEqual } from 'node:crypto';

/*
 * Passwords are kept as scrypt hashes (RFC 7914), written as other tools write them: `$scrypt$ln=15,r=8,p=3$SALT$HASH`, salt and hash in
 * base64 without padding (the PHC string format).
 */

/** What a hash was made with. */
export interface PasswordHash {
  /** N is 2 to the power of it. */
  readonly logN: number;
  readonly blockSize: number;
  readonly parallelization: number;
  readonly salt: Buffer;
  readonly hash: Buffer;
}

const FORM = /^\$scrypt\$ln=(\d{1,2}),r=(\d{1,3}),p=(\d{1,2})\$([A-Za-z0-9+/]{11,86})\$([A-Za-z0-9+/]{22,86})$/;
/** One of the equally strong choices of OWASP's "Password Storage Cheat Sheet"; takes 32 MiB. */
const OWN = { logN: 15, blockSize: 8, parallelization: 3 } as const;
const SALT_BYTES = 16;
const HASH_BYTES = 32;
/** Weaker than this protects nobody; more than 128 MiB would let sign-ins take the machine's memory. */
const WEAKEST_LOG_N = 12;
const MOST_BYTES = 128 * 2 ** 20;

/** What a password's hash looks like, for messages. */
export const EXPECTED_PASSWORD_HASH = 'a scrypt hash as npx tocsin password prints it ($scrypt$ln=…,r=…,p=…$…$…)';

/** Reads a hash; `undefined` for what is none, is too weak, or takes too much memory. */
export function readPasswordHash(text: string): PasswordHash | undefined {
  const [, ln = '', r = '', p = '', salt = '', hash = ''] = FORM.exec(text) ?? [];
  const [logN, blockSize, parallelization] = [Number(ln), Number(r), Number(p)];
  const isUsable = logN >= WEAKEST_LOG_N && blockSize >= 1 && parallelization >= 1 && parallelization <= 16;
  if (!isUsable || 128 * 2 ** logN * blockSize > MOST_BYTES) return undefined;
  return {
    logN,
    blockSize,
    parallelization,
    salt: Buffer.from(salt, 'base64'),
    hash: Buffer.from(hash, 'base64'),
  };
}

/** Makes the hash of a password, with a salt of its own. Takes about a tenth of a second. */
export async function hashPassword(password: string): Promise<string> {
  const salt = randomBytes(SALT_BYTES);
  const hash = await derive(password, { ...OWN, salt, hash: Buffer.alloc(HASH_BYTES) });
  const write = (bytes: Buffer): string => bytes.toString('base64').replaceAll('=', '');
  return `$scrypt$ln=${OWN.logN},r=${OWN.blockSize},p=${OWN.parallelization}$${write(salt)}$${write(hash)}`;
}

/** Whether a password is the one of a hash. Where there is no hash it takes as long and says no: who is not there looks like who is. */
export async function isPassword(password: string, known: PasswordHash | undefined): Promise<boolean> {
  const against = known ?? { ...OWN, salt: Buffer.alloc(SALT_BYTES), hash: Buffer.alloc(HASH_BYTES) };
  const derived = await derive(password, against);
  return timingSafeEqual(derived, against.hash) && known !== undefined;
}

/** Text that looks alike is alike: Unicode's NFKC, as RFC 8265 has it for passwords. */
function derive(password: string, { logN, blockSize, parallelization, salt, hash }: PasswordHash): Promise<Buffer> {
  const cost = { N: 2 ** logN, r: blockSize, p: parallelization, maxmem: 2 * MOST_BYTES };
  return new Promise((resolve, reject) => {
    scrypt(password.normalize('NFKC'), salt, hash.length, cost, (error, key) => (error ? reject(error) : resolve(key)));
  });
}

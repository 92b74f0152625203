import { z } from 'zod';
import { ALWAYS, asMapping, isGiven, type Mapping, refuseIn, type Refuse } from './cross-checks.ts';
import { checkUsers, profiles, users } from './clickhouse-users.ts';
import { address, flag, httpUrlList, size, text } from './scalars.ts';

const GIB = 2 ** 30;

/** Prometheus's names (`tls_config`). */
const tls = z.strictObject({
  ca_file: text.optional(),
  cert_file: text.optional(),
  key_file: text.optional(),
  insecure_skip_verify: flag.default(false),
});

const disk = z
  .strictObject({
    drop_oldest: flag.optional(),
    low_water: size.default(GIB),
    high_water: size.default(2 * GIB),
  })
  .prefault({});

const identifier = (what: string, pattern: RegExp) =>
  z.string().regex(pattern, `expected a ${what} name: letters, digits and _`);

/** Where ClickHouse is and as whom it is asked; the files are read by `readClickHouseFiles`. */
export const clickhouse = z
  .strictObject({
    http: address.default({ host: '127.0.0.1', port: 8123 }),
    url: httpUrlList.optional(),
    user: text.default('default'),
    password: z.string().optional(),
    password_file: text.optional(),
    tls: tls.optional(),
    database: identifier('database', /^[A-Za-z_][A-Za-z0-9_]*$/).default('otel'),
    cluster: z
      .string()
      .regex(/^[A-Za-z_][A-Za-z0-9_.-]*$/, 'expected a cluster name: letters, digits and _ . -')
      .optional(),
    disk,
    users,
    profiles,
  })
  .prefault({})
  .superRefine((value: unknown, context) => checkTogether(asMapping(value), refuseIn(context)), ALWAYS)
  .transform(({ password_file: passwordFile, password, tls: given, disk: limits, ...value }) => ({
    ...value,
    password: password ?? '',
    passwordFile,
    tls: given && {
      caFile: given.ca_file,
      certFile: given.cert_file,
      keyFile: given.key_file,
      insecureSkipVerify: given.insecure_skip_verify,
    },
    disk: {
      /** Whether the oldest partition goes when the disk is nearly full: unless told otherwise, only of the embedded ClickHouse. */
      dropOldest: limits.drop_oldest ?? value.url === undefined,
      lowWaterBytes: limits.low_water,
      highWaterBytes: limits.high_water,
    },
  }));

function checkTogether(given: Mapping, refuse: Refuse): void {
  checkUsers(given, refuse);
  if (isGiven(given, 'password') && isGiven(given, 'password_file'))
    refuse(['password_file'], 'either password or password_file, not both');
  if (isGiven(given, 'cluster') && !isGiven(given, 'url')) refuse(['cluster'], 'a cluster only beside url');
  const urls = [given['url']].flat();
  if (isGiven(given, 'tls') && !urls.some((url) => typeof url === 'string' && url.startsWith('https:')))
    refuse(['tls'], 'tls only beside an https:// url');
  const files = asMapping(given['tls']);
  for (const [one, other] of [
    ['cert_file', 'key_file'],
    ['key_file', 'cert_file'],
  ] as const)
    if (isGiven(files, one) && !isGiven(files, other)) refuse(['tls', one], `${other} beside ${one}`);
  const { low_water: low, high_water: high } = asMapping(given['disk']);
  if (typeof low === 'number' && typeof high === 'number' && high < low)
    refuse(['disk', 'high_water'], 'at least disk.low_water (1GiB by default)');
}

import { hash, randomBytes } from 'node:crypto';
import { API_ROLES, CONSOLE_ROLES } from '@tocsin/service/config';
import { EXIT } from './exit-codes.ts';

const NAME = /^[A-Za-z0-9][A-Za-z0-9._-]{0,63}$/;
/** Where text is written. */
interface Written {
  write(text: string): unknown;
}

/** 256 bits: nobody guesses it, so a plain hash of it is enough in the configuration. */
const KEY_BYTES = 32;

const USAGE = `Usage: npx tocsin key NAME [[--console] --role ROLE]
NAME: letters, digits, . _ and -, at most 64; it names the sender in metrics, or the actor in the audit log.
Without a role it is a key for the collector; with one (${API_ROLES.join(', ')}) a token for the API of alerting,
with --console and a role (${CONSOLE_ROLES.join(', ')}) one for the API of the console.
`;

/**
 * `key`: makes a random key, says it once, and shows the lines for `collector.keys`, or with a role those for `alerting.api.tokens` or `console.tokens`, which hold
 * only its hash. The key goes to standard output alone, so that it can be piped; what is for people goes to standard error. @returns the exit code
 */
export function makeKey(host: { readonly stdout: Written; readonly stderr: Written }, args: readonly string[]): number {
  const wanted = readArguments(args);
  if (!wanted) {
    host.stderr.write(USAGE);
    return EXIT.badConfiguration;
  }
  const { name, role, isForConsole } = wanted;
  const key = `tocsin_${randomBytes(KEY_BYTES).toString('base64url')}`;
  const whose =
    role === undefined
      ? 'The key of the sender, shown this once (Authorization: Bearer KEY, or x-api-key: KEY):'
      : `The token, shown this once (Authorization: Bearer TOKEN${isForConsole ? '' : ', or Basic with the token as the password'}):`;
  host.stderr.write(`${whose}\n\n`);
  host.stdout.write(`${key}\n`);
  const place = isForConsole
    ? ['console:', '  tokens:']
    : role === undefined
      ? ['collector:', '  keys:']
      : ['alerting:', '  api:', '    tokens:'];
  const indent = ' '.repeat(2 * place.length);
  host.stderr.write(
    [
      '',
      'The lines for tocsin.yaml, which hold only its hash:',
      '',
      ...place,
      `${indent}- name: ${name}`,
      ...(role === undefined ? [] : [`${indent}  role: ${role}`]),
      `${indent}  sha256: ${hash('sha256', key)}`,
      '',
    ].join('\n'),
  );
  return EXIT.stopped;
}

interface Wanted {
  readonly name: string;
  readonly role: string | undefined;
  readonly isForConsole: boolean;
}

function readArguments(args: readonly string[]): Wanted | undefined {
  const isForConsole = args.includes('--console');
  const [name, flag, given, ...more] = args.filter((arg) => arg !== '--console');
  if (name === undefined || more.length > 0 || !NAME.test(name)) return undefined;
  if (flag === undefined) return isForConsole ? undefined : { name, role: undefined, isForConsole };
  const roles: readonly string[] = isForConsole ? CONSOLE_ROLES : API_ROLES;
  const role = roles.find((known) => known === given);
  return flag === '--role' && role !== undefined ? { name, role, isForConsole } : undefined;
}

import { createInterface } from 'node:readline/promises';
import { Writable } from 'node:stream';
import { CONSOLE_ROLES, type ConsoleRole } from '@tocsin/service/config';
import { hashPassword } from '@tocsin/service/password';
import { EXIT } from './exit-codes.ts';

/** What the command needs of the process. */
interface Host {
  readonly stdin: NodeJS.ReadableStream & { readonly isTTY?: boolean };
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

const SHORTEST = 8;
const USAGE = `Usage: npx tocsin password NAME [--role ROLE]
NAME: who signs in to the console. ROLE: ${CONSOLE_ROLES.join(', ')} (default viewer).
The password is asked for, or read as the first line of standard input. It has at least ${SHORTEST} characters.
`;

/**
 * `password`: asks for a password and prints the lines for `console.users`, which hold only its scrypt hash. The lines go to standard output,
 * what is for people to standard error. @returns the exit code
 */
export async function makePassword(host: Host, args: readonly string[]): Promise<number> {
  const wanted = readArguments(args);
  if (!wanted) {
    host.stderr.write(USAGE);
    return EXIT.badConfiguration;
  }
  host.stderr.write(`Password of ${wanted.name} (it is not shown): `);
  const password = await readLine(host.stdin);
  host.stderr.write('\n');
  if (password.length < SHORTEST) {
    host.stderr.write(`Expected at least ${SHORTEST} characters, found ${password.length}.\n`);
    return EXIT.badConfiguration;
  }
  const hash = await hashPassword(password);
  host.stderr.write('The lines for tocsin.yaml, which hold only its hash:\n\n');
  const lines = ['console:', '  users:', `    - name: ${JSON.stringify(wanted.name)}`, `      role: ${wanted.role}`];
  host.stdout.write(`${[...lines, `      password_hash: '${hash}'`].join('\n')}\n`);
  return EXIT.stopped;
}

function readArguments(args: readonly string[]): { readonly name: string; readonly role: ConsoleRole } | undefined {
  const [name, flag, given, ...more] = args;
  if (name === undefined || name === '' || name.startsWith('-') || /\p{Cc}/u.test(name) || more.length > 0)
    return undefined;
  if (flag === undefined) return { name, role: 'viewer' };
  const role = CONSOLE_ROLES.find((known) => known === given);
  return flag === '--role' && role !== undefined ? { name, role } : undefined;
}

/** The first line; on a terminal nothing of it is shown. */
async function readLine(input: Host['stdin']): Promise<string> {
  const output = new Writable({ write: (_chunk, _encoding, done) => done() });
  const lines = createInterface({ input, output, terminal: input.isTTY === true });
  try {
    for await (const line of lines) return line;
    return '';
  } finally {
    lines.close();
  }
}

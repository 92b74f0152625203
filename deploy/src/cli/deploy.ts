import { parseArgs } from 'node:util';
import { EXIT } from './exit-codes.ts';

const USAGE = `Usage: npx tocsin deploy mark SERVICE VERSION [--env ENVIRONMENT] [--url URL] [--note TEXT] [--console URL]

Tells that a version of a service was deployed, now. Charts and dashboards show it, and alerts of the service that begin within the hour name it.
SERVICE is what the service says of itself (service.name). TOCSIN_CONSOLE_URL stands for --console (http://127.0.0.1:7600 without), and
TOCSIN_CONSOLE_TOKEN is a token of console.tokens with the role editor: npx tocsin key ci --console --role editor.

Exit code: 0 marked, 1 the console did not take it, 2 bad arguments.
`;
const LIMIT_MS = 15_000;

/** The part of `process` that the command needs. */
interface Host {
  readonly env: Readonly<NodeJS.ProcessEnv>;
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
}

/** `deploy mark SERVICE VERSION`: has the console tell of a deployment. @returns the exit code */
export async function markDeployment(host: Host, args: readonly string[]): Promise<number> {
  const wanted = readArguments(args, host.env);
  if (typeof wanted === 'string') {
    host.stderr.write(`${wanted}\n\n${USAGE}`);
    return EXIT.badConfiguration;
  }
  const { consoleUrl, mark } = wanted;
  const token = host.env['TOCSIN_CONSOLE_TOKEN'];
  const refused = await post(new URL('api/v1/deployments', consoleUrl), mark, token);
  if (refused !== undefined) {
    host.stderr.write(`${consoleUrl.href} did not take the mark: ${refused}\n`);
    return EXIT.failed;
  }
  host.stdout.write(`Marked: ${mark.service} ${mark.version}${mark.environment ? ` in ${mark.environment}` : ''}.\n`);
  return EXIT.stopped;
}

interface Mark {
  readonly service: string;
  readonly version: string;
  readonly environment: string | undefined;
  readonly url: string | undefined;
  readonly note: string | undefined;
}

/** @returns what is wrong, in words, where it cannot be understood */
function readArguments(
  args: readonly string[],
  env: Host['env'],
): { readonly consoleUrl: URL; readonly mark: Mark } | string {
  const text = { type: 'string' } as const;
  try {
    const { values, positionals } = parseArgs({
      args: [...args],
      allowPositionals: true,
      options: { env: text, url: text, note: text, console: text },
    });
    const [action, service, version, ...more] = positionals;
    if (action !== 'mark') return `expected mark, found ${action === undefined ? 'nothing' : JSON.stringify(action)}`;
    if (!service || !version || more.length > 0) return 'expected SERVICE and VERSION after mark';
    const given = values.console ?? (env['TOCSIN_CONSOLE_URL'] || 'http://127.0.0.1:7600');
    const consoleUrl = URL.parse(given.endsWith('/') ? given : `${given}/`);
    if (!consoleUrl || !/^https?:$/.test(consoleUrl.protocol))
      return `--console: expected an http(s) URL, found ${JSON.stringify(given)}`;
    return { consoleUrl, mark: { service, version, environment: values.env, url: values.url, note: values.note } };
  } catch (error) {
    if (!(error instanceof TypeError && 'code' in error)) throw error;
    return error.message;
  }
}

/** @returns why it was not taken, in words */
async function post(url: URL, mark: Mark, token: string | undefined): Promise<string | undefined> {
  try {
    const response = await fetch(url, {
      method: 'POST',
      headers: {
        'content-type': 'application/json',
        'x-tocsin-console': 'tocsin%20deploy',
        ...(token && { authorization: `Bearer ${token}` }),
      },
      body: JSON.stringify(mark),
      signal: AbortSignal.timeout(LIMIT_MS),
    });
    if (response.ok) return undefined;
    return describeRefusal(response.status, await response.text());
  } catch (error) {
    if (!(error instanceof Error)) throw error;
    const { cause } = error;
    return cause instanceof Error ? cause.message : error.message;
  }
}

function describeRefusal(status: number, body: string): string {
  try {
    const { message = '', errors = [] } = JSON.parse(body) as {
      message?: string;
      errors?: { field: string; expected: string }[];
    };
    const fields = errors.map(({ field, expected }) => ` ${field}: expected ${expected}.`);
    return `${message}${fields.join('')} (${status})`;
  } catch (error) {
    if (!(error instanceof SyntaxError)) throw error;
    return `it answered with status ${status}`;
  }
}

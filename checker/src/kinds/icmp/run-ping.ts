import { spawn } from 'node:child_process';
import { isIP } from 'node:net';

/** What running `ping` came to. */
export type PingOutcome =
  | { readonly status: 'ended'; readonly output: string; readonly complaint: string; readonly wasAborted: boolean }
  /** It could not be started; `code` is the system's, as `ENOENT`. */
  | { readonly status: 'not_started'; readonly code: string };

export interface PingOptions {
  /** A path, or a name that is looked for where systems keep their programs. */
  readonly program: string;
  /** IPv4 or IPv6, never a name: what was looked up and judged is what is pinged. */
  readonly address: string;
  readonly count: number;
  readonly spacingMs: number;
  readonly sizeBytes: number;
  /** It is asked for its statistics then. */
  readonly deadlineMs: number;
  readonly signal: AbortSignal;
}

/** Where systems keep `ping`; the checker's own environment does not matter. */
const PATH =
  '/usr/bin:/bin:/usr/sbin:/sbin:/usr/local/bin:/usr/local/sbin:/run/wrappers/bin:/run/current-system/sw/bin';
/** More than 100 answers of any ping never say. */
const MAX_OUTPUT_CHARACTERS = 64 * 1024;
/** How long it may take to print its statistics. */
const STATISTICS_MS = 300;

/** Runs `ping`, without a shell. Where it takes too long it is interrupted, at which every ping says what it has so far. */
export function runPing(options: PingOptions): Promise<PingOutcome> {
  const { program, address, count, spacingMs, sizeBytes, deadlineMs, signal } = options;
  if (isIP(address) === 0) throw new TypeError('expected an address');
  const spacing = spacingMs === 1_000 ? [] : ['-i', String(spacingMs / 1_000)];
  const args = ['-n', '-c', String(count), ...spacing, '-s', String(sizeBytes), address];
  return new Promise((resolve) => {
    const child = spawn(program, args, {
      env: { LC_ALL: 'C', LANG: 'C', PATH },
      stdio: ['ignore', 'pipe', 'pipe'],
      cwd: '/',
    });
    let [output, complaint] = ['', ''];
    let killing: NodeJS.Timeout | undefined;
    const interrupt = (): void => {
      child.kill('SIGINT');
      killing ??= setTimeout(() => child.kill('SIGKILL'), STATISTICS_MS);
    };
    const deadline = setTimeout(interrupt, deadlineMs);
    const settle = (outcome: PingOutcome): void => {
      clearTimeout(deadline);
      clearTimeout(killing);
      signal.removeEventListener('abort', interrupt);
      child.stdout.destroy();
      child.stderr.destroy();
      resolve(outcome);
    };
    child.stdout.setEncoding('utf8').on('data', (text: string) => {
      if (output.length < MAX_OUTPUT_CHARACTERS) output += text;
    });
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      if (complaint.length < MAX_OUTPUT_CHARACTERS) complaint += text;
    });
    const end = (): void => settle({ status: 'ended', output, complaint, wasAborted: signal.aborted });
    child.on('error', (error: NodeJS.ErrnoException) =>
      settle({ status: 'not_started', code: error.code ?? error.message }),
    );
    child.on('close', end);
    // What it started itself might hold its output open for longer.
    child.on('exit', (_code, reason) => {
      if (reason === 'SIGKILL') end();
    });
    signal.addEventListener('abort', interrupt, { once: true });
    if (signal.aborted) interrupt();
  });
}

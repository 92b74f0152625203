import { type ChildProcess, spawn } from 'node:child_process';
// oxlint-disable-next-line tocsin/process-in-main -- it ends the group of a child: a child's own `kill` reaches only the child
import { kill } from 'node:process';
import type { ExecConfig, Receiver } from '@tocsin/service/config';
import type { Notification } from '../../notify/notification.ts';
import type { Channel, ChannelContext, ConfiguredChannel, DeliveryResult } from '../channel.ts';
import { formatTitle, shorten } from '../content.ts';
import { composeWebhookBody } from '../webhook/webhook-body.ts';

/** The commands of a receiver. */
export function execChannels({ execConfigs }: Receiver): ConfiguredChannel[] {
  return execConfigs.map((config) => ({
    sendResolved: config.sendResolved,
    secrets: Object.values(config.env),
    timeoutMs: config.timeoutMs,
    open: (context) => createExecChannel(config, context),
  }));
}

/** Where programs are looked for; nothing of this process's own environment is handed on. */
const PATH = '/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin';
/** A command that answers with this does not want the message again. */
const FINAL_EXIT_CODE = 100;
/** From the first, polite signal to the last. */
const KILL_AFTER_MS = 1_000;
const MAX_OUTPUT = 2_000;

/**
 * A channel that runs a program for each notification: the body of a webhook as JSON on its standard input, facts in its environment. Exit
 * code 0 is success, 100 is final, any other is tried again.
 */
export function createExecChannel(config: ExecConfig, context: ChannelContext): Channel {
  return {
    send: (notification, signal) => run(config, notification, context, signal),
    close: () => Promise.resolve(),
  };
}

function run(
  { command, env }: ExecConfig,
  notification: Notification,
  { consoleUrl }: ChannelContext,
  signal: AbortSignal,
): Promise<DeliveryResult> {
  const [program = '', ...args] = command;
  return new Promise((resolve) => {
    let output = '';
    let last: NodeJS.Timeout | undefined;
    // A process group of its own, so that what the program has started ends with it.
    const child = spawn(program, args, {
      detached: true,
      cwd: '/',
      env: { PATH, ...factsOf(notification), ...env },
      stdio: ['pipe', 'ignore', 'pipe'],
    });
    const abort = (): void => {
      endGroup(child, 'SIGTERM');
      last = setTimeout(() => endGroup(child, 'SIGKILL'), KILL_AFTER_MS);
    };
    const finish = (result: DeliveryResult): void => {
      signal.removeEventListener('abort', abort);
      if (last) clearTimeout(last);
      // What the program has left behind in its group ends with it, whether it obeyed or not.
      endGroup(child, 'SIGKILL');
      resolve(result);
    };
    child.on('error', (error) => finish(readSpawnError(error)));
    child.stderr.setEncoding('utf8').on('data', (text: string) => {
      output = (output + text).slice(0, MAX_OUTPUT);
    });
    // The program need not read what it is given; who closes early says so by its exit code.
    child.stdin.on('error', () => undefined).end(JSON.stringify(composeWebhookBody(notification, consoleUrl, 0)));
    child.on('exit', (code, signalName) => finish(readExit(code, signalName, output)));
    signal.addEventListener('abort', abort, { once: true });
    if (signal.aborted) abort();
  });
}

function factsOf(notification: Notification): Record<string, string> {
  return {
    TOCSIN_NOTIFICATION_ID: notification.id,
    TOCSIN_RECEIVER: notification.receiver,
    TOCSIN_STATUS: notification.status,
    TOCSIN_TITLE: formatTitle(notification).replaceAll('\0', ''),
    TOCSIN_FIRING: String(notification.firingCount),
    TOCSIN_RESOLVED: String(notification.resolvedCount),
  };
}

function endGroup({ pid }: ChildProcess, signal: 'SIGTERM' | 'SIGKILL'): void {
  if (pid === undefined) return;
  try {
    kill(-pid, signal);
  } catch (error) {
    // Nothing of the group is left.
    if (!(error instanceof Error && 'code' in error && (error.code === 'ESRCH' || error.code === 'EPERM'))) throw error;
  }
}

function readSpawnError(error: Error): DeliveryResult {
  const code = 'code' in error && typeof error.code === 'string' ? error.code : error.name;
  const detail = `The command could not be started: ${code}.`;
  if (code === 'EAGAIN' || code === 'ENOMEM' || code === 'EMFILE')
    return { status: 'retryable', reason: 'command_failed', detail };
  return { status: 'failed', reason: 'command_failed', detail };
}

function readExit(code: number | null, signalName: string | null, output: string): DeliveryResult {
  if (code === 0) return { status: 'ok' };
  const said = shorten(output.trim().replace(/\s+|\p{Cc}+/gu, ' '), 300);
  const end = code === null ? `was ended by ${signalName ?? 'a signal'}` : `ended with exit code ${code}`;
  const detail = `The command ${end}${said === '' ? '.' : `: ${said}`}`;
  if (code === FINAL_EXIT_CODE) return { status: 'failed', reason: 'command_failed', detail };
  return { status: 'retryable', reason: 'command_failed', detail };
}

import type { ChildProcess } from 'node:child_process';
import { once } from 'node:events';
import type { TocsinConfig } from '../config/index.ts';
import { deepFreeze } from '../config/deep-freeze.ts';

/** Tells a service that the launcher sends it the configuration, which has just been read and checked, as the first message. */
const HANDED = 'TOCSIN_CONFIG_HANDED';

/** What the environment of a process says to which `handConfig` will send. */
export const HANDED_ENV = { [HANDED]: '1' } as const;

/** Sends the configuration to a process with `HANDED_ENV`, over an IPC channel with `serialization: 'advanced'`. */
export function handConfig(child: ChildProcess, config: TocsinConfig): void {
  // One that is gone already is seen by its exit.
  child.send({ type: 'config', config }, () => undefined);
}

/** What came of the launcher's promise to send the configuration. `none`: it made none, so the process reads the files itself. */
export type HandedConfig =
  { readonly status: 'handed'; readonly config: TocsinConfig } | { readonly status: 'none' | 'launcher-gone' };

/** Waits for the configuration, where the launcher said that it would send one. */
export async function receiveConfig(host: NodeJS.Process): Promise<HandedConfig> {
  if (host.env[HANDED] !== '1') return { status: 'none' };
  if (!host.connected) return { status: 'launcher-gone' };
  const over = new AbortController();
  const gone = once(host, 'disconnect', { signal: over.signal }).then(
    () => undefined,
    () => undefined,
  );
  const arrived: readonly unknown[] | undefined = await Promise.race([
    once(host, 'message', { signal: over.signal }),
    gone,
  ]);
  over.abort();
  const message = arrived?.[0];
  return isHanded(message) ? { status: 'handed', config: deepFreeze(message.config) } : { status: 'launcher-gone' };
}

function isHanded(message: unknown): message is { readonly config: TocsinConfig } {
  return typeof message === 'object' && message !== null && 'type' in message && message.type === 'config';
}

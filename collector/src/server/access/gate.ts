import { findByKey, hashKey, readBearer } from '@tocsin/service/hashed-keys';
import type { Signal } from '../../signal.ts';
import { ClientKey, type KeyConfig, type LimitReason } from './client-key.ts';
import type { DayVolumes } from './volume-file.ts';

/** Why a sender is not let in: the word is also the metric attribute. */
export type AccessReason = 'unauthenticated' | LimitReason;

/** Whether a request may come in. */
export type Admission =
  | { readonly status: 'ok'; readonly client?: ClientKey; readonly isInternal?: true }
  | {
      readonly status: 'refused';
      readonly reason: AccessReason;
      readonly key?: string;
      readonly retryAfterMs?: number;
    };

/** The two ways to show a key: `Authorization: Bearer KEY`, `x-api-key: KEY`. */
export interface Credentials {
  readonly authorization?: string | undefined;
  readonly apiKey?: string | undefined;
}

/** Who may send. */
export interface Gate {
  /** @param required whether a sender has to show a key: this differs between listeners */
  admit(credentials: Credentials, signal: Signal, required: boolean): Admission;
  /** Other keys from now on. What a key of the same name has sent today still counts. */
  setKeys(keys: readonly KeyConfig[]): void;
  /** What each key that has sent today has sent. */
  volumes(): DayVolumes;
  /** What keys had sent before this process began; that of another day than today is left aside. */
  setVolumes(volumes: DayVolumes): void;
}

/** What a gate is made of. */
export interface GateOptions {
  readonly keys: readonly KeyConfig[];
  /** The key of Tocsin's own processes; it has no limits. */
  readonly internalKey: string | undefined;
  /** The wall clock in milliseconds. */
  readonly now: () => number;
}

/**
 * Makes the gate. Only hashes of keys are kept, and a key that is shown is compared with all of them in the same time; a plain hash is
 * enough for keys that are random.
 */
export function createGate({ keys, internalKey, now }: GateOptions): Gate {
  const internal = internalKey === undefined ? [] : [{ sha256: hashKey(internalKey), client: 'internal' as const }];
  let clients = new Map<string, ClientKey>();

  function setKeys(configured: readonly KeyConfig[]): void {
    const next = new Map<string, ClientKey>();
    for (const config of configured) {
      const earlier = clients.get(config.name);
      const same = earlier && JSON.stringify(earlier.config) === JSON.stringify(config);
      const client = same ? earlier : new ClientKey(config, now());
      if (earlier && !same) client.inherit(earlier);
      next.set(config.name, client);
    }
    clients = next;
  }

  function find(shown: string): ClientKey | 'internal' | undefined {
    const own = [...clients.values()].map((client) => ({ sha256: client.config.sha256, client }));
    return findByKey([...internal, ...own], shown)?.client;
  }

  const today = (nowMs: number): string => new Date(nowMs).toISOString().slice(0, 10);

  setKeys(keys);
  return {
    setKeys,
    volumes() {
      const nowMs = now();
      const sent = [...clients].map(([name, client]) => [name, client.sentToday(nowMs)] as const);
      return { day: today(nowMs), bytes: Object.fromEntries(sent.filter(([, sizeBytes]) => sizeBytes > 0)) };
    },
    setVolumes({ day, bytes }) {
      const nowMs = now();
      if (day !== today(nowMs)) return;
      for (const [name, sizeBytes] of Object.entries(bytes)) clients.get(name)?.resume(sizeBytes, nowMs);
    },
    admit(credentials, signal, required) {
      const shown = readKey(credentials);
      const found = shown === undefined ? undefined : find(shown);
      if (found === 'internal') return { status: 'ok', isInternal: true };
      if (!found) return required ? { status: 'refused', reason: 'unauthenticated' } : { status: 'ok' };
      const outcome = found.admit(signal, now());
      return outcome.status === 'ok' ? { status: 'ok', client: found } : { ...outcome, key: found.name };
    },
  };
}

/** The key that was shown. */
function readKey({ authorization, apiKey }: Credentials): string | undefined {
  if (apiKey !== undefined && apiKey !== '') return apiKey;
  return readBearer(authorization);
}

import type { Channel } from './channel.ts';

/** The channel with a time limit on each attempt; an attempt that is aborted is retryable, for a reason of its own. */
export function withTimeout(channel: Channel, timeoutMs: number): Channel {
  return {
    close: () => channel.close(),
    async send(notification, signal) {
      const limit = new AbortController();
      const timer = setTimeout(() => limit.abort(), timeoutMs);
      try {
        const result = await channel.send(notification, AbortSignal.any([signal, limit.signal]));
        if (result.status === 'ok') return result;
        if (signal.aborted) return { status: 'retryable', reason: 'stopped', detail: 'Tocsin stops.' };
        if (limit.signal.aborted)
          return { status: 'retryable', reason: 'timeout', detail: `No confirmation within ${timeoutMs} ms.` };
        return result;
      } finally {
        clearTimeout(timer);
      }
    },
  };
}

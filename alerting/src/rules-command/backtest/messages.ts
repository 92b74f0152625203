import type { TocsinConfig } from '@tocsin/service/config';
import { silentLogger } from '@tocsin/service/log';
import type { AlertSink } from '../../alert.ts';
import { formatChannel } from '../../channels/channel.ts';
import { formatTitle } from '../../channels/content.ts';
import { listChannels } from '../../channels/registry.ts';
import { createNotifier } from '../../notify/notifier.ts';
import type { OnCall } from '../../oncall/oncall.ts';
import type { Database } from '../../store/database.ts';

/** A message that would have been sent. */
export interface Message {
  /** As `team/email/0`. */
  readonly channel: string;
  readonly status: 'firing' | 'resolved';
  readonly title: string;
  readonly atMs: number;
}

/** The way from alert to message, on a clock of its own: today's routes, and channels that only write down. */
export interface Rehearsal {
  readonly sink: AlertSink;
  /** Lets the time go by, and sends what is due until then. */
  advanceTo(timeMs: number): Promise<void>;
  list(): readonly Message[];
  stop(): Promise<void>;
}

/** Messages are looked for this often while there is anything to tell. */
const TICK_MS = 1_000;

export function createRehearsal(config: TocsinConfig, database: Database, startMs: number): Rehearsal {
  let nowMs = startMs;
  const messages: Message[] = [];
  const notifier = createNotifier({
    database,
    log: silentLogger(),
    now: () => nowMs,
    listChannels: (receiver) =>
      listChannels(receiver).map((entry) => ({
        ...entry,
        open: () => ({
          send: (notification) => {
            const { status, escalation } = notification;
            if (escalation?.what === 'acknowledged') return Promise.resolve({ status: 'ok' as const });
            messages.push({ channel: formatChannel(entry), status, title: formatTitle(notification), atMs: nowMs });
            return Promise.resolve({ status: 'ok' as const });
          },
          close: () => Promise.resolve(),
        }),
      })),
  });
  notifier.apply(config, startMs);
  return {
    sink: notifier.sink,
    async advanceTo(timeMs) {
      while (nowMs < timeMs) {
        // With nothing to tell, nothing can become due in between.
        nowMs = notifier.alerts.listAlerts(nowMs).length === 0 ? timeMs : Math.min(timeMs, nowMs + TICK_MS);
        while (notifier.tick(nowMs)) await notifier.idle();
        await notifier.idle();
        takeOn(notifier.oncall, nowMs);
      }
    },
    list: () => messages,
    stop: () => notifier.stop(0),
  };
}

/** Nobody knows when somebody would have said so: whoever is told of an incident takes it on at once. */
function takeOn({ incidents, desk }: OnCall, nowMs: number): void {
  for (const { id, status, told } of incidents.open()) {
    const person = told.find(({ believes }) => believes)?.person;
    if (status === 'active' && person) desk.acknowledge(id, person.name, nowMs);
  }
}

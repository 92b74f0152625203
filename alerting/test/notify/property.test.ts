import type { Matcher } from '@tocsin/service/config';
import { expect, test } from 'vitest';
import type { LabelSet } from '../../src/alert.ts';
import { fingerprintOf } from '../../src/fingerprint.ts';
import { compileMatchers } from '../../src/notify/matchers.ts';
import type { Notification } from '../../src/notify/notification.ts';
import { Scenario, START_MS } from './scenario.ts';

const HOOK = 'api_url: "http://127.0.0.1:1/hook"';
const ROUTING = `
  route:
    receiver: all
    group_by: [service]
    group_wait: 10s
    group_interval: 30s
    repeat_interval: 10m
    routes:
      - { receiver: day, mute_time_intervals: [night], continue: true }
      - { receiver: all }
  receivers:
    - { name: all, slack_configs: [{ ${HOOK} }, { ${HOOK}, send_resolved: false }] }
    - { name: day, slack_configs: [{ ${HOOK} }] }
  inhibit_rules: [{ source_matchers: [severity=critical], target_matchers: [severity=warning], equal: [service] }]
  time_intervals: [{ name: night, time_intervals: [{ times: [{ start_time: '10:10', end_time: '10:20' }] }] }]
`;
const CHANNELS = ['all/slack/0', 'all/slack/1', 'day/slack/0'] as const;
const ALERTS: readonly LabelSet[] = ['shop', 'mail', 'db'].flatMap((service) => [
  { alertname: 'Down', service, severity: 'critical' },
  { alertname: 'Slow', service, severity: 'warning' },
  { alertname: 'Full', service, severity: 'warning' },
]);
const STEP_MS = 5_000;
/** A look (at most 30 s later), and the next attempt of a channel that was down (at most a minute later). */
const PATIENCE_MS = 30_000 + 60_000 + STEP_MS;

/** Mulberry32: numbers from 0 to 1 that are the same for the same seed. */
function randomFrom(seed: number): () => number {
  let state = seed;
  return () => {
    state = (state + 0x6d2b79f5) | 0;
    let mixed = Math.imul(state ^ (state >>> 15), 1 | state);
    mixed = (mixed + Math.imul(mixed ^ (mixed >>> 7), 61 | mixed)) ^ mixed;
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** What is known of one alert and one channel by whoever watches from outside. */
interface Watched {
  believed: boolean;
  /** Since when it fires and may be told. */
  untoldSinceMs: number | undefined;
  /** Since when it is over and that may be told. */
  overSinceMs: number | undefined;
  /** It was muted while it was over: its end may have been passed over, as by Alertmanager. Until it is told again. */
  isExcused: boolean;
}

interface Told {
  readonly matchers: readonly Matcher[];
  readonly endsAtMs: number;
}

/** The world from outside: who fires, what is muted by the plainest reading of the rules, what each channel believes. */
class World {
  readonly firing = new Set<LabelSet>();
  readonly silences = new Map<string, Told>();
  readonly watched = new Map<string, Watched>();
  readonly history: string[] = [];
  /** Until when a channel cannot be reached. */
  readonly down = new Map<string, number>();

  isMuted(labels: LabelSet, channel: string, nowMs: number): boolean {
    const minute = Math.floor((nowMs - START_MS) / 60_000);
    const isInhibited =
      labels['severity'] === 'warning' &&
      [...this.firing].some((other) => other['severity'] === 'critical' && other['service'] === labels['service']);
    const isSilenced = [...this.silences.values()].some(
      ({ matchers, endsAtMs }) => endsAtMs > nowMs && compileMatchers(matchers)(labels),
    );
    return isInhibited || isSilenced || (channel.startsWith('day') && minute >= 10 && minute < 20);
  }

  of(labels: LabelSet, channel: string): Watched {
    const key = `${channel} ${fingerprintOf(labels)}`;
    const known = this.watched.get(key) ?? {
      believed: false,
      untoldSinceMs: undefined,
      overSinceMs: undefined,
      isExcused: false,
    };
    this.watched.set(key, known);
    return known;
  }

  hear(channel: string, { firing, resolved, createdAtMs }: Notification): void {
    for (const { labels } of firing)
      Object.assign(this.of(find(labels), channel), { believed: true, isExcused: false });
    for (const { labels } of resolved) this.of(find(labels), channel).believed = false;
    this.history.push(`${createdAtMs - START_MS} ${channel} +${firing.length} -${resolved.length}`);
  }

  /** What should be otherwise now; nothing where all is well. */
  findWrongs(nowMs: number): string[] {
    return ALERTS.flatMap((labels) => CHANNELS.flatMap((channel) => this.#look(labels, channel, nowMs) ?? []));
  }

  #look(labels: LabelSet, channel: string, nowMs: number): string | undefined {
    const known = this.of(labels, channel);
    const isMuted = this.isMuted(labels, channel, nowMs);
    if ((this.down.get(channel) ?? 0) > nowMs) {
      known.untoldSinceMs = undefined;
      known.overSinceMs = undefined;
    }
    const where = `${JSON.stringify(labels)} to ${channel} at ${nowMs - START_MS}`;
    if (this.firing.has(labels)) {
      known.overSinceMs = undefined;
      known.untoldSinceMs = isMuted ? undefined : (known.untoldSinceMs ?? nowMs);
      const isLate = nowMs - (known.untoldSinceMs ?? nowMs) > PATIENCE_MS;
      return isLate && !known.believed ? `untold: ${where}` : undefined;
    }
    known.untoldSinceMs = undefined;
    known.overSinceMs ??= nowMs;
    known.isExcused ||= isMuted;
    if (nowMs - known.overSinceMs <= PATIENCE_MS) return undefined;
    const isWrong = known.believed && !known.isExcused && channel !== 'all/slack/1';
    // When it fires again it has to be told anew.
    known.believed = false;
    return isWrong ? `not told over: ${where}` : undefined;
  }
}

const find = (labels: LabelSet): LabelSet => ALERTS.find((other) => fingerprintOf(other) === fingerprintOf(labels))!;
const pick = <Item>(list: readonly Item[], random: () => number): Item => list[Math.floor(random() * list.length)]!;

const SILENCED = [
  ['service=shop'],
  ['alertname=~"Slow|Full"'],
  ['severity!=warning', 'service=~"m.*"'],
  ['alertname=Down'],
];

/** Something happens: an alert begins or ends, a silence begins or ends, the process dies, a channel is down. */
async function happen(scenario: Scenario, world: World, random: () => number): Promise<void> {
  const dice = random();
  if (dice < 0.3) {
    const labels = pick(ALERTS, random);
    if (world.firing.delete(labels)) scenario.push([], [labels]);
    else {
      world.firing.add(labels);
      scenario.push([labels]);
    }
  } else if (dice < 0.34) {
    const matchers = pick(SILENCED, random);
    const id = scenario.silence(matchers, `${30 + Math.floor(random() * 240)}s`);
    world.silences.set(id, scenario.notifier.silences.find(id)!);
  } else if (dice < 0.36 && world.silences.size > 0) {
    const id = pick([...world.silences.keys()], random);
    scenario.notifier.silences.expire(id, scenario.nowMs);
    world.silences.delete(id);
  } else if (dice < 0.4) await scenario.comeBack();
  else if (dice < 0.43) world.down.set(pick(CHANNELS, random), scenario.nowMs + 45_000);
}

test.each(Array.from({ length: 8 }, (_, seed) => seed + 1))(
  'whatever happens (seed %i), nothing fires untold, nothing that was told ends untold, and nothing that is muted is told',
  async (seed) => {
    const random = randomFrom(seed);
    const scenario = await Scenario.begin(ROUTING);
    const world = new World();
    let mutedTold = 0;
    for (const channel of CHANNELS) {
      scenario.answers.set(channel, (notification) => {
        if ((world.down.get(channel) ?? 0) > scenario.nowMs)
          return { status: 'retryable', reason: 'connection_failed', detail: 'down' };
        world.hear(channel, notification);
        const isNew = notification.createdAtMs === scenario.nowMs;
        // What resolved may have been decided upon before, and be taken over from an older message.
        if (isNew && notification.firing.some(({ labels }) => world.isMuted(find(labels), channel, scenario.nowMs)))
          mutedTold += 1;
        return { status: 'ok' };
      });
    }
    try {
      for (; scenario.nowMs < START_MS + 45 * 60_000; scenario.nowMs += STEP_MS) {
        await happen(scenario, world, random);
        await scenario.tick();
        expect(world.findWrongs(scenario.nowMs)).toEqual([]);
      }
    } finally {
      await scenario.end();
    }
    expect(mutedTold).toBe(0);
    expect(world.history.length).toBeGreaterThan(50);
  },
);

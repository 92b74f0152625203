import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { performance } from 'node:perf_hooks';
import { loadConfig, parseMatcher, type TocsinConfig } from '@tocsin/service/config';
import { silentLogger } from '@tocsin/service/log';
import type { Alert, LabelSet } from '../src/alert.ts';
import { type ListedChannel, listChannels } from '../src/channels/registry.ts';
import { fingerprintOf } from '../src/fingerprint.ts';
import { createNotifier, type Notifier } from '../src/notify/notifier.ts';
import { openDatabase } from '../src/store/database.ts';

/*
 * What the way from an alert to the outbox costs, over a database on disk, on a clock of its own; channels only count.
 * many: all alerts in groups of 50 · silences: with as many silences · patterns: with silences of regular expressions only · inhibit: with an
 * inhibit rule · storm: 3,000 alerts within 10 s · each: every alert is a group, so each is a delivery with two commits on disk
 */

/** How many of each there are. */
export interface PipelineSize {
  readonly alerts: number;
  readonly silences: number;
}

const START_MS = Date.UTC(2026, 10, 20, 10);
const TIMING = 'group_wait: 30s, group_interval: 5m, repeat_interval: 4h';
const RECEIVERS = `  receivers: [{ name: team, slack_configs: [{ api_url: 'http://127.0.0.1:1/hook' }] }]`;
const ROUTING = (groupBy: string, more = ''): string => `alerting:
  max_messages_per_minute: 10000
  route:
    receiver: team
    group_by: ${groupBy}
    ${TIMING.replaceAll(', ', '\n    ')}
    routes: [{ matchers: ['severity=~"page|ticket"'], routes: [{ matchers: [team=none] }] }]
${RECEIVERS}
${more}`;
const INHIBIT = `  inhibit_rules: [{ source_matchers: [severity=page], target_matchers: [severity=ticket], equal: [service, zone] }]`;

const labelsOf = (number: number): LabelSet => ({
  alertname: `Alert${number % 20}`,
  service: `service-${Math.floor(number / 50)}`,
  instance: `host-${number}.example.com:9100`,
  zone: `zone-${number % 3}`,
  severity: number % 10 === 0 ? 'page' : 'ticket',
  team: `team-${number % 7}`,
  namespace: 'production',
});

const known: { readonly labels: LabelSet; readonly fingerprint: string }[] = [];

/** So many alerts, as an evaluation at this time says them. */
export function alertsAt(nowMs: number, count: number): Alert[] {
  for (let number = known.length; number < count; number += 1) {
    const labels = labelsOf(number);
    known.push({ labels, fingerprint: fingerprintOf(labels) });
  }
  return known.slice(0, count).map((alert) => ({
    ...alert,
    annotations: { summary: `${alert.labels['alertname']} on ${alert.labels['instance']}` },
    value: 1,
    startsAtMs: START_MS,
    endsAtMs: undefined,
    updatedAtMs: nowMs,
    generatorUrl: 'http://127.0.0.1:7600/rules',
  }));
}

/** A notifier over a database of its own, with channels that count what comes. */
class Bench {
  readonly notifier: Notifier;
  readonly config: TocsinConfig;
  sent = 0;
  nowMs = START_MS;
  readonly #folder: string;
  readonly #close: () => void;

  private constructor(folder: string, config: TocsinConfig) {
    this.#folder = folder;
    this.config = config;
    const database = openDatabase(join(folder, 'alerting.sqlite'), START_MS);
    this.#close = () => database.close();
    this.notifier = createNotifier({
      database,
      log: silentLogger(),
      now: () => this.nowMs,
      listChannels: (receiver) => listChannels(receiver).map((entry) => this.#counted(entry)),
    });
    this.notifier.apply(config, this.nowMs);
  }

  static async begin(text: string): Promise<Bench> {
    const folder = mkdtempSync(join(tmpdir(), 'tocsin-bench-alerting-'));
    writeFileSync(join(folder, 'tocsin.yaml'), text);
    return new Bench(folder, await loadConfig({ file: 'tocsin.yaml', env: {}, workingDir: folder }));
  }

  /** Everything that is due now. @returns the longest that one tick held the process up, in milliseconds */
  async settle(): Promise<number> {
    let longest = 0;
    for (let more = true; more;) {
      const before = performance.now();
      more = this.notifier.tick(this.nowMs);
      longest = Math.max(longest, performance.now() - before);
      await this.notifier.idle();
    }
    // A channel takes a few at a time.
    for (let before = -1; before !== this.sent;) {
      before = this.sent;
      this.notifier.tick(this.nowMs);
      await this.notifier.idle();
    }
    return longest;
  }

  silence(count: number, matchersOf: (number: number) => readonly string[]): void {
    for (let number = 0; number < count; number += 1) {
      const matchers = matchersOf(number).map((text) => {
        const matcher = parseMatcher(text);
        if (!matcher) throw new Error(`${text} is no matcher`);
        return matcher;
      });
      const times = { startsAtMs: this.nowMs, endsAtMs: this.nowMs + 86_400_000 };
      this.notifier.silences.save({ matchers, ...times, createdBy: 'bench', comment: '' }, this.nowMs);
    }
  }

  async end(): Promise<void> {
    await this.notifier.stop(0);
    this.#close();
    rmSync(this.#folder, { recursive: true });
  }

  #counted(entry: ListedChannel): ListedChannel {
    const send = (): Promise<{ status: 'ok' }> => {
      this.sent += 1;
      return Promise.resolve({ status: 'ok' });
    };
    return { ...entry, open: () => ({ send, close: () => Promise.resolve() }) };
  }
}

async function time<Result>(name: string, work: () => Result | Promise<Result>, note = ''): Promise<Result> {
  const cpu = process.cpuUsage();
  const before = performance.now();
  const result = await work();
  const { user, system } = process.cpuUsage(cpu);
  const shown = typeof result === 'number' && note !== '' ? `${note} ${Math.round(result)}` : '';
  print(name, `${Math.round(performance.now() - before)} ms, CPU ${Math.round((user + system) / 1_000)} ms ${shown}`);
  return result;
}

function print(name: string, text: string): void {
  console.log(`${name.padEnd(58)} ${text.trimEnd()}`);
}

/** All alerts begin to fire, are told, stay as they are, and are over. */
async function live(
  name: string,
  count: number,
  text: string,
  prepare: (bench: Bench) => void = () => {},
): Promise<void> {
  const bench = await Bench.begin(text);
  const put = (alerts: readonly Alert[]): void => bench.notifier.sink.putAlerts(alerts, bench.nowMs);
  await time(`${name}: prepared`, () => prepare(bench));
  await time(`${name}: ${count} alerts begin to fire`, () => put(alertsAt(bench.nowMs, count)));
  bench.nowMs += 30_000;
  await time(`${name}: the same once more (an evaluation)`, () => put(alertsAt(bench.nowMs, count)));
  await time(`${name}: first look at all groups`, () => bench.settle(), 'longest tick ms');
  print(`${name}: messages`, String(bench.sent));
  bench.nowMs += 300_000;
  await time(`${name}: second look, nothing new`, () => bench.settle(), 'longest tick ms');
  await time(`${name}: why nobody is told, of 10,000 alerts`, () => {
    for (const alert of alertsAt(bench.nowMs, 10_000)) bench.notifier.marksOf(alert, bench.nowMs);
  });
  if (name.startsWith('silences') || name.startsWith('patterns')) {
    bench.silence(1, () => ['instance="host-3.example.com:9100"']);
    bench.nowMs += 300_000;
    await time(`${name}: look after one more silence`, () => bench.settle(), 'longest tick ms');
  }
  await time(`${name}: reload`, () => bench.notifier.apply(bench.config, bench.nowMs));
  const over = alertsAt(bench.nowMs, count).map((alert) => ({ ...alert, endsAtMs: bench.nowMs }));
  await time(`${name}: all are over`, () => put(over));
  bench.nowMs += 300_000;
  await time(`${name}: last look`, () => bench.settle(), 'longest tick ms');
  print(`${name}: messages in all`, `${bench.sent}, RSS ${Math.round(process.memoryUsage().rss / 2 ** 20)} MiB`);
  await bench.end();
}

/** 3,000 monitors fail within 10 s: how long the process is held up, and what comes out. */
async function storm(): Promise<void> {
  const bench = await Bench.begin(ROUTING('[alertname]'));
  const all = alertsAt(START_MS, 3_000);
  let longest = 0;
  await time('storm: 3,000 alerts in 10 s, ticks of 100 ms, until told', async () => {
    for (let tick = 0; tick < 450; tick += 1, bench.nowMs += 100) {
      const before = performance.now();
      const batch = all.slice(tick * 30, (tick + 1) * 30).map((alert) => ({ ...alert, startsAtMs: bench.nowMs }));
      if (batch.length > 0) bench.notifier.sink.putAlerts(batch, bench.nowMs);
      bench.notifier.tick(bench.nowMs);
      longest = Math.max(longest, performance.now() - before);
      await bench.notifier.idle();
    }
  });
  print('storm: messages, longest tick', `${bench.sent}, ${Math.round(longest)} ms`);
  await bench.end();
}

const BY_SERVICE = ROUTING('[service]');

/** By their names; each begins with an empty database. */
export const PIPELINE_SCENARIOS: Readonly<Record<string, (size: PipelineSize) => Promise<void>>> = {
  many: ({ alerts }) => live('many', alerts, BY_SERVICE),
  silences: ({ alerts, silences }) =>
    live('silences', alerts, BY_SERVICE, (bench) =>
      bench.silence(silences, (number) => [
        `instance="host-${number * 5}.example.com:9100"`,
        'namespace=production',
        'alertname=~"Alert.+"',
      ]),
    ),
  patterns: ({ alerts, silences }) =>
    live('patterns', alerts, BY_SERVICE, (bench) =>
      bench.silence(silences, (number) => [`instance=~"host-${number * 5}\\\\..*"`]),
    ),
  inhibit: ({ alerts }) => live('inhibit', alerts, ROUTING('[alertname, service]', INHIBIT)),
  storm,
  each: ({ alerts }) => live('each', alerts, ROUTING("['...']")),
};

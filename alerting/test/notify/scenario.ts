import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import {
  formatDuration,
  loadConfig,
  parseDuration,
  parseMatcher,
  type Receiver,
  type TocsinConfig,
} from '@tocsin/service/config';
import { silentLogger } from '@tocsin/service/log';
import type { Alert, LabelSet } from '../../src/alert.ts';
import { type ChannelAddress, type DeliveryResult, formatChannel } from '../../src/channels/channel.ts';
import { formatTitle } from '../../src/channels/content.ts';
import { type ListedChannel, listChannels } from '../../src/channels/registry.ts';
import { fingerprintOf } from '../../src/fingerprint.ts';
import type { AlertMarks, GroupListing } from '../../src/notify/marks.ts';
import type { Notification } from '../../src/notify/notification.ts';
import { createNotifier, type Notifier } from '../../src/notify/notifier.ts';
import { type Database, openDatabase } from '../../src/store/database.ts';

/** The moment at which every scenario begins. */
export const START_MS = Date.UTC(2026, 10, 20, 10);

/** Reads a configuration as the services do. */
export async function readConfig(text: string): Promise<TocsinConfig> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-notify-'));
  try {
    const file = join(folder, 'tocsin.yaml');
    writeFileSync(file, text);
    return await loadConfig({ file, env: {}, workingDir: folder });
  } finally {
    rmSync(folder, { recursive: true });
  }
}

/** What reached a channel, as a script reads it. */
export interface Arrival {
  /** Since the start, as `1m30s`. */
  readonly at: string;
  readonly to: string;
  readonly title: string;
  readonly reason: string;
}

/** How a channel answers, attempt by attempt. */
export type Answer = (notification: Notification, attempt: number) => DeliveryResult | Promise<DeliveryResult>;

/** Everything between an alert and a channel on a clock of its own; the channels are replaced by a record of what came. */
export class Scenario {
  nowMs = START_MS;
  readonly arrivals: Arrival[] = [];
  readonly notifications: Notification[] = [];
  /** How each channel answers; `ok` unless set. */
  readonly answers = new Map<string, Answer>();
  attempts = 0;
  /** Notifications that may wait; counts from the next restart on. */
  maxPending: number | undefined;
  database: Database;
  notifier: Notifier;
  #config: TocsinConfig;
  readonly #path: string;
  readonly #wrap: (database: Database) => Database;
  #ids = 0;
  #incidents = 0;

  private constructor(config: TocsinConfig, path: string, wrap: (database: Database) => Database) {
    this.#config = config;
    this.#path = path;
    this.#wrap = wrap;
    ({ database: this.database, notifier: this.notifier } = this.#open());
  }

  /** Begins a scenario over `alerting:` as written; on disk where a path is given. */
  static async begin(
    alerting: string,
    path = ':memory:',
    wrap: (database: Database) => Database = (database) => database,
  ): Promise<Scenario> {
    return new Scenario(await readConfig(`alerting:\n${alerting}`), path, wrap);
  }

  /** One evaluation says that these alerts fire, and which have resolved. */
  push(firing: readonly LabelSet[], resolved: readonly LabelSet[] = [], startsAtMs = this.nowMs): void {
    const alert = (labels: LabelSet, endsAtMs: number | undefined) => ({
      fingerprint: fingerprintOf(labels),
      labels,
      annotations: {},
      startsAtMs,
      endsAtMs,
      updatedAtMs: this.nowMs,
      generatorUrl: '',
    });
    const over = resolved.map((labels) => ({ ...alert(labels, this.nowMs), startsAtMs: START_MS }));
    this.notifier.sink.putAlerts([...firing.map((labels) => alert(labels, undefined)), ...over], this.nowMs);
  }

  /** Another program says that these alerts fire, until then at least. */
  pushUntil(labels: readonly LabelSet[], endsAtMs: number, startsAtMs = this.nowMs): void {
    const alerts = labels.map((set) => ({
      fingerprint: fingerprintOf(set),
      labels: set,
      annotations: {},
      startsAtMs,
      endsAtMs,
      updatedAtMs: this.nowMs,
      generatorUrl: '',
    }));
    this.notifier.sink.putAlerts(alerts, this.nowMs);
  }

  /** Silences what these matchers match, from now on. @returns the silence's id */
  silence(matchers: readonly string[], duration: string): string {
    const endsAtMs = this.nowMs + (parseDuration(duration) ?? Number.NaN);
    const parsed = matchers.map((text) => parseMatcher(text)!);
    const request = { matchers: parsed, startsAtMs: this.nowMs, endsAtMs, createdBy: 'ann', comment: 'known' };
    return this.notifier.silences.save(request, this.nowMs).id;
  }

  /** Why nobody is told of the alert with these labels. */
  marks(labels: LabelSet): AlertMarks {
    const known = this.notifier.alerts.listAlerts(this.nowMs);
    return this.notifier.marksOf(
      known.find(({ fingerprint }) => fingerprint === fingerprintOf(labels))!,
      this.nowMs,
    );
  }

  /** The groups there are, with their alerts. */
  groups(): (GroupListing & { readonly alerts: readonly Alert[] })[] {
    const { groups } = this.notifier;
    const byReceiver = groups
      .keysAfter('', 1_000)
      .toSorted((a, b) => (a.receiver ?? '').localeCompare(b.receiver ?? ''));
    return byReceiver.flatMap(({ groupKey }) => {
      const group = groups.find(groupKey, this.nowMs);
      return group ? [{ ...group, alerts: groups.membersAfter(groupKey, '', 1_000) }] : [];
    });
  }

  /** Lets time pass until `duration` after the start, tick by tick. @returns what arrived on the way */
  async until(duration: string, stepMs = 1_000): Promise<Arrival[]> {
    const endMs = START_MS + (parseDuration(duration) ?? Number.NaN);
    const before = this.arrivals.length;
    for (; this.nowMs < endMs; this.nowMs = Math.min(endMs, this.nowMs + stepMs)) await this.tick();
    await this.tick();
    return this.arrivals.slice(before);
  }

  async tick(): Promise<void> {
    while (this.notifier.tick(this.nowMs));
    await this.notifier.idle();
  }

  /** Takes another configuration without a restart. */
  async reload(alerting: string): Promise<void> {
    this.#config = await readConfig(`alerting:\n${alerting}`);
    this.notifier.apply(this.#config, this.nowMs);
  }

  /** The process ends without a word and comes back later with what is on disk. */
  restart(): void {
    this.database.close();
    ({ database: this.database, notifier: this.notifier } = this.#open());
  }

  /** The process ends and comes back at once; its database is as it was committed. */
  async comeBack(): Promise<void> {
    await this.notifier.stop(0);
    this.notifier = this.#notify(this.database);
  }

  async end(): Promise<void> {
    await this.notifier.stop(0);
    this.database.close();
  }

  #open(): { database: Database; notifier: Notifier } {
    const database = this.#wrap(openDatabase(this.#path, this.nowMs));
    return { database, notifier: this.#notify(database) };
  }

  #notify(database: Database): Notifier {
    const notifier = createNotifier({
      database,
      log: silentLogger(),
      now: () => this.nowMs,
      listChannels: (receiver) => this.#recorded(receiver),
      newId: () => `n${(this.#ids += 1)}`,
      ...(this.maxPending === undefined ? {} : { maxPending: this.maxPending }),
      newIncidentId: () => `i${(this.#incidents += 1)}`,
    });
    notifier.apply(this.#config, this.nowMs);
    return notifier;
  }

  #recorded(receiver: Receiver): ListedChannel[] {
    return listChannels(receiver).map((entry) => ({
      ...entry,
      open: () => ({ send: (notification) => this.#receive(entry, notification), close: () => Promise.resolve() }),
    }));
  }

  async #receive(address: ChannelAddress, notification: Notification): Promise<DeliveryResult> {
    this.attempts += 1;
    const to = formatChannel(address);
    const result = (await this.answers.get(to)?.(notification, this.attempts)) ?? { status: 'ok' };
    if (result.status !== 'ok') return result;
    const at = formatDuration(this.nowMs - START_MS);
    this.arrivals.push({ at, to, title: formatTitle(notification), reason: notification.reason });
    this.notifications.push(notification);
    return result;
  }
}

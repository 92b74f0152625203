import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, beforeEach, expect, test } from 'vitest';
import { Scenario } from '../notify/scenario.ts';
import { Killed, Mortal } from '../outbox/mortal.ts';
import { DOWN, DOWN_TOO, shown, USUAL, wholeTimeline } from './desk-scenario.ts';

let folder: string;
beforeEach(() => {
  folder = mkdtempSync(join(tmpdir(), 'tocsin-oncall-kill-'));
});
afterEach(() => rmSync(folder, { recursive: true }));

interface Outcome {
  readonly diedAt: string;
  readonly arrived: readonly string[];
  readonly timeline: readonly string[];
}

/** An incident from its beginning to its end, of a process that ends at one step and comes back at once. */
async function play(dieAt: number, refusing: readonly string[] = []): Promise<Outcome> {
  const mortal = new Mortal(dieAt);
  const scenario = await Scenario.begin(USUAL, join(folder, `${refusing.length}-${dieAt}.sqlite`), (database) =>
    mortal.dead ? database : mortal.wrap(database),
  );
  for (const receiver of refusing)
    scenario.answers.set(`${receiver}/slack/0`, () => ({ status: 'failed', reason: 'rejected', detail: 'no' }));
  mortal.armed = true;
  let revived = false;
  const survive = async (act: () => void | Promise<unknown>): Promise<void> => {
    try {
      await act();
    } catch (error) {
      if (!(error instanceof Killed)) throw error;
    }
    if (!mortal.dead || revived) return;
    revived = true;
    scenario.restart();
    await act();
  };
  const desk = () => scenario.notifier.oncall.desk;
  // What a person does again when there was no answer.
  const acknowledge = (): void => {
    if (scenario.notifier.oncall.incidents.find('i1')?.status !== 'acknowledged')
      desk().acknowledge('i1', 'ana', scenario.nowMs);
  };
  const giveBack = (): void => void desk().unacknowledge('i1', 'ana', scenario.nowMs);
  await survive(() => scenario.push([DOWN]));
  await survive(() => scenario.until('2m', 5_000));
  await survive(() => scenario.push([DOWN, DOWN_TOO]));
  await survive(() => scenario.until('6m', 5_000));
  await survive(acknowledge);
  await survive(() => scenario.until('8m', 5_000));
  await survive(giveBack);
  await survive(() => scenario.until('9m', 5_000));
  await survive(() => scenario.push([], [DOWN, DOWN_TOO]));
  await survive(() => scenario.until('12m', 5_000));
  // What was sent but not yet marked is sent again under the same id.
  const ids = scenario.notifications.map(({ id }) => id);
  const once = scenario.arrivals.filter((_, at) => ids.indexOf(ids[at] ?? '') === at);
  const outcome = {
    diedAt: mortal.diedAt,
    arrived: shown(once).map((line) => line.replace(/^\S+ /, '')),
    timeline: wholeTimeline(scenario),
  };
  await scenario.end();
  return outcome;
}

const kindsOf = (timeline: readonly string[]): string => timeline.map((line) => line.split(':')[0]).join(' ');

test.each([
  [
    'an incident',
    [],
    'fired asked delivered joined asked delivered acknowledged unacknowledged asked delivered resolved',
  ],
  [
    'one of which contacts refuse',
    ['ana-phone', 'ana-mail'],
    'fired asked refused asked refused unreachable passed_over asked delivered joined acknowledged unacknowledged ' +
      'asked refused asked refused unreachable passed_over asked delivered resolved',
  ],
])(
  'killed at every step in turn, %s has the same timeline, and everybody is told the same',
  async (_, refusing, expected) => {
    const whole = await play(Number.MAX_SAFE_INTEGER, refusing);
    expect(kindsOf(whole.timeline)).toBe(expected);
    const seen = new Set<string>();
    for (let dieAt = 1; ; dieAt += 1) {
      const { diedAt, arrived, timeline } = await play(dieAt, refusing);
      expect(timeline, `killed at step ${dieAt}, ${diedAt}`).toEqual(whole.timeline);
      expect(arrived, `killed at step ${dieAt}, ${diedAt}`).toEqual(whole.arrived);
      if (diedAt === '') break;
      seen.add(diedAt);
    }
    expect([...seen].sort()).toEqual(['after a transaction', 'before a transaction']);
  },
  120_000,
);

import { afterEach, describe, expect, test } from 'vitest';
import { acknowledgeByLink } from '../../src/oncall/acknowledge-by-link.ts';
import { Scenario } from '../notify/scenario.ts';
import { DOWN, incidentOf, kinds, shown, timeline, USUAL } from './desk-scenario.ts';

let scenario: Scenario;
afterEach(() => scenario.end());

const begin = async (text = USUAL): Promise<Scenario> => (scenario = await Scenario.begin(text));
const ack = (id = 'i1', actor = 'ben') => scenario.notifier.oncall.desk.acknowledge(id, actor, scenario.nowMs);

describe('acknowledging', () => {
  test('stops the steps until its time is over; then they begin anew', async () => {
    await begin();
    scenario.push([DOWN]);
    await scenario.until('10m');
    expect(ack()).toMatchObject({ status: 'ok', incident: { acknowledgedBy: 'ben', status: 'acknowledged' } });
    expect(shown(await scenario.until('1h9m', 1_000))).toEqual(['10m ana-phone [ACKNOWLEDGED] Down (shop)']);
    expect(shown(await scenario.until('1h16m', 1_000))).toEqual([
      '1h10m ana-phone [FIRING:1] Down (shop)',
      '1h15m ben-mail [FIRING:1] Down (shop)',
    ]);
    expect(kinds(scenario).slice(3)).toEqual(['acknowledged', 'acknowledgement_expired', 'asked', 'asked']);
  });

  test('is told to the others who were told, not to who did it', async () => {
    await begin();
    scenario.push([DOWN]);
    await scenario.until('6m');
    ack('i1', 'ana');
    expect(shown(await scenario.until('7m'))).toEqual(['6m ben-mail [ACKNOWLEDGED] Down (shop)']);
    expect(scenario.notifications.at(-1)?.escalation?.note).toBe('Incident i1: ana has it.');
    ack('i1', 'carl');
    expect(shown(await scenario.until('8m'))).toEqual([]);
  });

  test('ends nothing: the end of the alerts does, and is told', async () => {
    await begin();
    scenario.push([DOWN]);
    await scenario.until('2s');
    ack('i1', 'ana');
    scenario.push([], [DOWN]);
    expect(shown(await scenario.until('3m'))).toEqual(['1m1s ana-phone [RESOLVED] Down (shop)']);
    expect(incidentOf(scenario)).toMatchObject({ status: 'resolved', nextStepAtMs: undefined });
  });

  test('can be taken back', async () => {
    await begin();
    const { desk } = scenario.notifier.oncall;
    scenario.push([DOWN]);
    await scenario.until('2s');
    expect(desk.unacknowledge('i1', 'ben', scenario.nowMs)).toEqual({ status: 'refused', reason: 'not_acknowledged' });
    ack('i1', 'ana');
    await scenario.until('3m');
    desk.unacknowledge('i1', 'ben', scenario.nowMs);
    expect(shown(await scenario.until('4m'))).toEqual(['3m ana-phone [FIRING:1] Down (shop)']);
  });

  test('of what is over, or was never there, is refused', async () => {
    await begin();
    scenario.push([DOWN]);
    await scenario.until('2s');
    scenario.push([], [DOWN]);
    await scenario.until('2m');
    expect(ack()).toEqual({ status: 'refused', reason: 'resolved' });
    expect(ack('i9')).toEqual({ status: 'refused', reason: 'unknown_incident' });
  });

  test('works by the link of a message: by its lane, or by the group it is of', async () => {
    await begin();
    const byLink = acknowledgeByLink(scenario.notifier.oncall.desk);
    const acknowledge = (...what: Parameters<typeof byLink>) => byLink(...what).sentence;
    scenario.push([DOWN]);
    await scenario.until('2s');
    const groupKey = '{}:{alertname="Down"}';
    expect(acknowledge({ groupKey: 'incident/i1/user:ana' }, 'ana', scenario.nowMs)).toBe(
      'ana has incident i1 until 2026-11-20 11:00 UTC. Nobody else is asked until then.',
    );
    expect(acknowledge({ groupKey }, 'ben', scenario.nowMs)).toMatch(/^ben has incident i1 /);
    expect(incidentOf(scenario).acknowledgedBy).toBe('ben');
    scenario.push([], [DOWN]);
    await scenario.until('3m');
    for (const key of [groupKey, 'incident/i1/user:ana', 'incident/i9/user:ana', '{}:{}'])
      expect(acknowledge({ groupKey: key }, 'ana', scenario.nowMs)).toMatch(/^There is nothing to take on/);
  });

  test('gives up what waits for a channel that is down', async () => {
    await begin();
    scenario.answers.set('ana-phone/slack/0', () => ({ status: 'retryable', reason: 'timeout', detail: 'down' }));
    scenario.push([DOWN]);
    await scenario.until('2m');
    ack('i1', 'ana');
    scenario.answers.clear();
    expect(shown(await scenario.until('20m'))).toEqual([]);
  });
});

describe('notes', () => {
  test('go into the timeline and change nothing else', async () => {
    await begin();
    const { desk } = scenario.notifier.oncall;
    scenario.push([DOWN]);
    await scenario.until('2s');
    const before = incidentOf(scenario);
    desk.note('i1', 'ana', ' it is the disk ', scenario.nowMs);
    expect(timeline(scenario).at(-1)).toBe('note: it is the disk');
    expect(incidentOf(scenario)).toEqual(before);
    expect(desk.note('i1', 'ana', ' ', scenario.nowMs)).toEqual({ status: 'refused', reason: 'bad_note' });
    expect(desk.note('i1', 'ana', 'x'.repeat(4_001), scenario.nowMs)).toMatchObject({ reason: 'bad_note' });
  });
});

test('a note on what is over holds back nothing that waits for a channel that is down', async () => {
  await begin();
  scenario.push([DOWN]);
  await scenario.until('2s');
  scenario.answers.set('ana-phone/slack/0', () => ({ status: 'retryable', reason: 'timeout', detail: 'down' }));
  scenario.push([], [DOWN]);
  await scenario.until('2m');
  scenario.notifier.oncall.desk.note('i1', 'ana', 'it was the disk', scenario.nowMs);
  scenario.answers.clear();
  expect(shown(await scenario.until('4m')).map((line) => line.split(' ').slice(1).join(' '))).toEqual([
    'ana-phone [RESOLVED] Down (shop)',
  ]);
});

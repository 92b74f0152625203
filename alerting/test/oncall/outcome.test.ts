import { afterEach, describe, expect, test } from 'vitest';
import type { DeliveryResult } from '../../src/channels/channel.ts';
import { Scenario } from '../notify/scenario.ts';
import { config, DOWN, incidentOf, kinds, shown, SLOW, timeline, USUAL, wholeTimeline } from './desk-scenario.ts';

const REFUSED: DeliveryResult = { status: 'failed', reason: 'rejected', detail: 'HTTP 404: no_such_user' };
const AWAY: DeliveryResult = { status: 'retryable', reason: 'timeout', detail: 'down' };

let scenario: Scenario;
afterEach(() => scenario.end());

const begin = async (text = USUAL): Promise<Scenario> => (scenario = await Scenario.begin(text));
const refuse = (...receivers: readonly string[]): void => {
  for (const receiver of receivers) scenario.answers.set(`${receiver}/slack/0`, () => REFUSED);
};

describe('the timeline', () => {
  test('says that somebody was asked, and that the channel has confirmed it once it has', async () => {
    await begin();
    scenario.answers.set('ana-phone/slack/0', (_, attempt) => (attempt < 3 ? AWAY : { status: 'ok' }));
    scenario.push([DOWN]);
    await scenario.until('1s');
    expect(wholeTimeline(scenario).at(-1)).toBe('asked: step 1 of 2: ana (on call for primary) by ana-phone (slack).');
    await scenario.until('1m');
    expect(wholeTimeline(scenario).at(-1)).toBe('delivered: ana by ana-phone (slack).');
    expect(incidentOf(scenario).told).toMatchObject([{ state: 'delivered', isConfirmed: true }]);
  });

  test('says that a channel has refused for good, and why', async () => {
    await begin(USUAL.replace('urgent_contact: [ana-phone], ', ''));
    refuse('ana-mail');
    scenario.push([DOWN]);
    await scenario.until('2s');
    expect(timeline(scenario)[2]).toBe('refused: ana by ana-mail (slack): rejected: HTTP 404: no_such_user');
    expect(incidentOf(scenario).told[0]).toMatchObject({ state: 'refused', believes: false });
  });

  test('says so of what was told in a digest', async () => {
    await begin(
      `${config('[{ notify: [{ user: ben }] }]').replace('[alertname]', '[monitor]')}`.replace(
        '  route:',
        '  max_messages_per_minute: 1\n  route:',
      ),
    );
    scenario.push(['a', 'b', 'c'].map((monitor) => ({ alertname: 'Down', monitor, severity: 'page' })));
    await scenario.until('5s');
    expect(wholeTimeline(scenario, 'i3').at(-1)).toBe('delivered: ben by ben-mail (slack), in a digest.');
  });

  test('says that the fallback was told in the place of a channel that refused', async () => {
    await begin(`  fallback: { receiver: chat }\n${USUAL.trimStart().replace(/^/, '  ')}`);
    refuse('ana-phone');
    scenario.push([DOWN]);
    await scenario.until('2s');
    expect(wholeTimeline(scenario)).toContain(
      'delivered: ana by chat (slack), the fallback, in the place of ana-phone/slack/0.',
    );
    expect(incidentOf(scenario).told.find(({ channel }) => channel.receiver === 'ana-phone')?.state).toBe('refused');
  });
});

describe('a channel that refuses for good', () => {
  test('is followed at once by the other contacts of the person', async () => {
    await begin();
    refuse('ana-phone');
    scenario.push([DOWN]);
    expect(shown(await scenario.until('4m'))).toEqual(['2s ana-mail [FIRING:1] Down (shop)']);
    expect(wholeTimeline(scenario).slice(1)).toEqual([
      'asked: step 1 of 2: ana (on call for primary) by ana-phone (slack).',
      'refused: ana by ana-phone (slack): rejected: HTTP 404: no_such_user',
      'asked: ana by ana-mail (slack), for what was asked before was refused.',
      'delivered: ana by ana-mail (slack).',
    ]);
    scenario.push([], [DOWN]);
    expect(shown(await scenario.until('6m'))).toEqual(['4m1s ana-mail [RESOLVED] Down (shop)']);
  });

  test('is not followed while another contact that was asked may still get through', async () => {
    await begin(USUAL.replace('urgent_contact: [ana-phone]', 'urgent_contact: [ana-phone, chat]'));
    refuse('ana-phone');
    scenario.answers.set('chat/slack/0', () => AWAY);
    scenario.push([DOWN]);
    await scenario.until('4m');
    expect(kinds(scenario)).toEqual(['fired', 'asked', 'refused']);
  });

  test('leads to the next step at once where nobody of the step can be reached', async () => {
    await begin();
    refuse('ana-phone', 'ana-mail');
    scenario.push([DOWN]);
    expect(shown(await scenario.until('4m'))).toEqual(['3s ben-mail [FIRING:1] Down (shop)']);
    expect(kinds(scenario)).toEqual([
      'fired',
      'asked',
      'refused',
      'asked',
      'refused',
      'unreachable',
      'passed_over',
      'asked',
    ]);
    expect(incidentOf(scenario)).toMatchObject({ failedSteps: 0, isUnreached: false });
  });

  test('does not hurry the next step where somebody else of the step was reached', async () => {
    await begin(config('[{ notify: [{ user: ana }, { receiver: chat }], wait: 5m }, { notify: [{ user: ben }] }]'));
    refuse('ana-phone', 'ana-mail');
    scenario.push([DOWN]);
    expect(shown(await scenario.until('6m'))).toEqual([
      '1s chat [FIRING:1] Down (shop)',
      '5m1s ben-mail [FIRING:1] Down (shop)',
    ]);
  });

  test('asks nobody else about what somebody has, or what is over', async () => {
    await begin();
    let answer: DeliveryResult = AWAY;
    scenario.answers.set('ana-phone/slack/0', () => answer);
    scenario.push([DOWN]);
    await scenario.until('30s');
    scenario.notifier.oncall.desk.acknowledge('i1', 'ben', scenario.nowMs);
    answer = REFUSED;
    expect(shown(await scenario.until('20m'))).toEqual([]);
  });
});

test('a channel that leaves the configuration while it is down is followed by the contacts that there are now', async () => {
  await begin();
  scenario.answers.set('ana-phone/slack/0', () => AWAY);
  scenario.push([DOWN]);
  await scenario.until('30s');
  await scenario.reload(USUAL.replace(/ {4}- \{ name: ana-phone.*\n/, '').replace('urgent_contact: [ana-phone], ', ''));
  expect(shown(await scenario.until('1m'))).toEqual(['30s ana-mail [FIRING:1] Down (shop)']);
  expect(timeline(scenario)).toContain(
    'refused: ana by ana-phone (slack): channel_removed: The configuration has no such channel any more.',
  );
});

describe('an escalation of which every step is refused', () => {
  test('goes once through its steps at once, says it aloud, and is tried again every five minutes', async () => {
    await begin();
    refuse('ana-phone', 'ana-mail', 'ben-mail');
    scenario.push([DOWN]);
    await scenario.until('4m');
    expect(kinds(scenario).filter((kind) => kind === 'nobody_told')).toHaveLength(1);
    expect(kinds(scenario).filter((kind) => kind === 'asked')).toHaveLength(3);
    expect(scenario.notifier.oncall.incidents.countUnreached()).toBe(1);
    await scenario.until('59m');
    expect(kinds(scenario).filter((kind) => kind === 'nobody_told')).toHaveLength(1);
    expect(kinds(scenario).filter((kind) => kind === 'asked').length).toBeGreaterThan(30);
    expect(kinds(scenario).filter((kind) => kind === 'asked').length).toBeLessThan(45);
    scenario.answers.clear();
    expect(shown(await scenario.until('1h5m')).length).toBeGreaterThan(0);
    expect(scenario.notifier.oncall.incidents.countUnreached()).toBe(0);
  });

  test('of one step or of steps that do not apply comes to the same end', async () => {
    await begin(config('[{ notify: [{ user: ben }], wait: 5m }, { notify: [{ user: ana }], severity: [ticket] }]'));
    refuse('ben-mail');
    scenario.push([DOWN]);
    await scenario.until('4m');
    expect(kinds(scenario).at(-1)).toBe('nobody_told');
    expect(kinds(scenario).filter((kind) => kind === 'asked')).toHaveLength(1);
  });

  test('waits for whoever has quiet hours: they count as asked', async () => {
    await begin(config('[{ notify: [{ user: ana }, { receiver: chat }], wait: 5m }, { notify: [{ user: ben }] }]'));
    refuse('chat');
    scenario.push([SLOW]);
    expect(shown(await scenario.until('4m'))).toEqual([]);
    expect(shown(await scenario.until('6m'))).toEqual(['5m1s ben-mail [FIRING:1] Slow (shop)']);
  });
});

describe('what quiet hours hold back', () => {
  const HANDED_OVER = config('[{ notify: [{ schedule: primary }], wait: 3h }]').replace(
    'rotation: weekly, start: 2026-11-16',
    "rotation: daily, start: 2026-11-20, handover: '11:00'",
  );

  test('goes to whoever is on call when they are over', async () => {
    // The first handover is at 11:00 that day; an override puts ana on call before it.
    await begin(HANDED_OVER.replace('users: [ana, ben]', 'users: [ben]'));
    const { overrides } = scenario.notifier.oncall;
    const times = { startMs: scenario.nowMs, endMs: scenario.nowMs + 3_600_000 };
    overrides.create({ schedule: 'primary', user: 'ana', ...times }, 'ana', scenario.nowMs);
    scenario.push([SLOW]);
    await scenario.until('10m');
    expect(kinds(scenario)).toEqual(['fired', 'deferred']);
    expect(shown(await scenario.until('2h'))).toEqual(['1h30m ben-mail [FIRING:1] Slow (shop)']);
    expect(timeline(scenario).at(-1)).toBe(
      'asked: ben, on call for primary now, by ben-mail (slack), at the end of quiet hours.',
    );
  });

  test('waits on where they have quiet hours themselves', async () => {
    await begin(
      HANDED_OVER.replace('users: [ana, ben]', 'users: [ben]').replace(
        'contact: [ben-mail] }',
        "contact: [ben-mail], quiet_hours: { from: '11:00', to: '12:00' } }",
      ),
    );
    const { overrides } = scenario.notifier.oncall;
    const times = { startMs: scenario.nowMs, endMs: scenario.nowMs + 3_600_000 };
    overrides.create({ schedule: 'primary', user: 'ana', ...times }, 'ana', scenario.nowMs);
    scenario.push([SLOW]);
    expect(shown(await scenario.until('2h30m'))).toEqual(['2h ben-mail [FIRING:1] Slow (shop)']);
  });
});

test('nobody acknowledges, gives back or notes without a name', async () => {
  await begin();
  scenario.push([DOWN]);
  await scenario.until('2s');
  const { desk } = scenario.notifier.oncall;
  const refused = { status: 'refused', reason: 'no_actor' };
  expect(desk.acknowledge('i1', '', scenario.nowMs)).toEqual(refused);
  expect(desk.acknowledge('i1', ' ', scenario.nowMs)).toEqual(refused);
  expect(desk.note('i1', '', 'it is the disk', scenario.nowMs)).toEqual(refused);
  desk.acknowledge('i1', 'ana', scenario.nowMs);
  expect(desk.unacknowledge('i1', '', scenario.nowMs)).toEqual(refused);
  expect(incidentOf(scenario).acknowledgedBy).toBe('ana');
});

test('the steps are gone through again after a minute at the soonest', async () => {
  await begin(config('[{ notify: [{ user: ben }], wait: 10s }]').replace('repeat: 1', 'repeat: 100'));
  scenario.push([DOWN]);
  expect(shown(await scenario.until('3m30s'))).toHaveLength(4);
});

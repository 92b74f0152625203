import { expect, test } from 'vitest';
import { advance, type ActiveAlert } from '../../src/rules/advance.ts';
import { Scenario, START_MS } from '../notify/scenario.ts';

const DOWN = { alertname: 'Down', monitor: 'shop' };
const ROUTE = `  route: { receiver: team, group_wait: 1s, group_interval: 5s }
  receivers: [{ name: team, slack_configs: [{ api_url: http://127.0.0.1/hook }] }]
`;

test('an alert that fires again after the clock was set back behind its end is told', async () => {
  const scenario = await Scenario.begin(ROUTE);
  scenario.push([DOWN]);
  await scenario.until('10s');
  scenario.push([], [DOWN]);
  await scenario.until('20s');
  scenario.nowMs -= 15_000;
  scenario.push([DOWN]);
  const [told] = await scenario.until('10s');
  expect(told).toMatchObject({ title: '[FIRING:1] Down (shop)', reason: 'first_notification' });
  await scenario.end();
});

test('an alert that resolved just before the clock was set back is told resolved at once and does not show as firing', async () => {
  const scenario = await Scenario.begin(ROUTE);
  scenario.push([DOWN]);
  await scenario.until('10s');
  scenario.push([], [DOWN]);
  scenario.nowMs -= 3_600_000;
  await scenario.tick();
  scenario.nowMs += 6_000;
  await scenario.tick();
  expect(scenario.arrivals.at(-1)).toMatchObject({ title: '[RESOLVED] Down (shop)' });
  expect(scenario.notifier.alerts.listAlerts(scenario.nowMs)).toEqual([]);
  await scenario.end();
});

test('what goes on is repeated after the clock was set back by a day, and then as ever', async () => {
  const scenario = await Scenario.begin(ROUTE);
  scenario.push([DOWN]);
  await scenario.until('10s');
  scenario.nowMs -= 86_400_000;
  const told = scenario.arrivals.length;
  const backMs = scenario.nowMs;
  for (; scenario.nowMs <= backMs + 5 * 3_600_000; scenario.nowMs += 5_000) await scenario.tick();
  expect(scenario.arrivals.slice(told).map(({ reason }) => reason)).toEqual(['repeat_interval', 'repeat_interval']);
  await scenario.end();
});

test('a clock that is set back adds nothing to `for` and `keep_firing_for` beyond beginning them anew', () => {
  const timing = { forMs: 30_000, keepFiringForMs: 60_000, limit: 0 };
  const candidate = { fingerprint: '1', labels: DOWN, annotations: {}, value: 1, series: '' };
  const pending: ActiveAlert = {
    ...candidate,
    activeAtMs: START_MS,
    firedAtMs: undefined,
    keepFiringSinceMs: undefined,
  };
  const backMs = START_MS - 3_600_000;
  const run = (alert: ActiveAlert, candidates: (typeof candidate)[], atMs: number): ActiveAlert | undefined => {
    const moved = advance(new Map([['1', alert]]), candidates, atMs, timing);
    return moved.status === 'ok' ? moved.next.get('1') : undefined;
  };
  const seen = run(pending, [candidate], backMs);
  expect(seen && run(seen, [candidate], backMs + 30_000)?.firedAtMs).toBe(backMs + 30_000);
  const kept = run({ ...pending, firedAtMs: START_MS, keepFiringSinceMs: START_MS }, [], backMs);
  expect(kept && run(kept, [], backMs + 60_000)).toBeUndefined();
});

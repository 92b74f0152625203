import { mkdtempSync, rmSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { afterEach, describe, expect, onTestFinished, test } from 'vitest';
import { fingerprintOf } from '../../src/fingerprint.ts';
import { Scenario, START_MS } from './scenario.ts';

let scenario: Scenario;
afterEach(() => scenario.end());

const HOOK = 'slack_configs: [{ api_url: "http://127.0.0.1:1/hook" }]';
const QUIET_HOOK = 'slack_configs: [{ api_url: "http://127.0.0.1:1/hook", send_resolved: false }]';
const routing = (more: string, hook = HOOK): string => `
  route: { receiver: team, group_by: [cluster], group_wait: 10s, group_interval: 1m, repeat_interval: 1h }
  receivers: [{ name: team, ${hook} }]
${more}`;
const PLAIN = routing('');

const a = { alertname: 'Down', instance: 'a' };
const b = { alertname: 'Down', instance: 'b' };

/** What arrived, as `10s FIRING a b | RESOLVED c`. */
function told(): string[] {
  const names = (alerts: readonly { labels: Readonly<Record<string, string>> }[]): string =>
    alerts
      .map(({ labels }) => labels['instance'])
      .sort()
      .join(' ');
  return scenario.arrivals.map(({ at }, index) => {
    const { firing, resolved } = scenario.notifications[index]!;
    const parts = [
      firing.length > 0 ? `firing ${names(firing)}` : '',
      resolved.length > 0 ? `resolved ${names(resolved)}` : '',
    ];
    return `${at} ${parts.filter((part) => part !== '').join(', ')}`;
  });
}

async function beginOnDisk(alerting: string): Promise<Scenario> {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-muting-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return Scenario.begin(alerting, join(folder, 'alerting.sqlite'));
}

describe('a silence', () => {
  test('keeps an alert from everybody, says so, and lets it be told at the next look after its end', async () => {
    scenario = await Scenario.begin(PLAIN);
    const id = scenario.silence(['instance=a'], '5m');
    scenario.push([a]);
    await scenario.until('5m9s');
    expect(told()).toEqual([]);
    expect(scenario.marks(a)).toEqual({ silencedBy: [], inhibitedBy: [], mutedBy: [] });
    scenario.nowMs = START_MS + 299_000;
    expect(scenario.marks(a).silencedBy).toEqual([id]);
    await scenario.until('10m');
    expect(told()).toEqual(['5m10s firing a']);
  });

  test('of some leaves the others', async () => {
    scenario = await Scenario.begin(PLAIN);
    scenario.silence(['instance=a'], '1h');
    scenario.push([a, b]);
    await scenario.until('2m');
    expect(told()).toEqual(['10s firing b']);
  });

  test('does not make the group forget what it told: nothing is repeated when it ends', async () => {
    scenario = await Scenario.begin(PLAIN);
    scenario.push([a]);
    await scenario.until('30s');
    scenario.silence(['instance=a'], '10m');
    await scenario.until('50m');
    expect(told()).toEqual(['10s firing a']);
  });

  test('holds repeats back, and the repeat that is overdue comes when it ends', async () => {
    scenario = await Scenario.begin(PLAIN);
    scenario.push([a]);
    await scenario.until('30s');
    scenario.silence(['instance=a'], '2h');
    await scenario.until('3h', 10_000);
    expect(told()).toEqual(['10s firing a', '2h1m10s firing a']);
  });

  test('that is expired early ends at once', async () => {
    scenario = await Scenario.begin(PLAIN);
    const id = scenario.silence(['instance=a'], '5h');
    scenario.push([a]);
    await scenario.until('3m');
    scenario.notifier.silences.expire(id, scenario.nowMs);
    await scenario.until('4m');
    expect(told()).toEqual(['3m10s firing a']);
  });

  test('keeps the end of an alert from everybody, which counts as new when it fires again', async () => {
    scenario = await Scenario.begin(PLAIN);
    scenario.push([a]);
    await scenario.until('30s');
    scenario.silence(['instance=a'], '3m');
    scenario.push([], [a]);
    await scenario.until('4m');
    scenario.push([a]);
    await scenario.until('6m');
    expect(told()).toEqual(['10s firing a', '4m10s firing a']);
  });

  test('of one that was told does not turn the end of another into a message that forgets it', async () => {
    scenario = await Scenario.begin(PLAIN);
    scenario.push([a, b]);
    await scenario.until('30s');
    scenario.silence(['instance=a'], '10m');
    scenario.push([a], [b]);
    await scenario.until('5m');
    expect(told()).toEqual(['10s firing a b', '1m10s resolved b']);
    // The receiver was told that all is over, so what still fires is told when its silence ends.
    await scenario.until('15m');
    expect(told().slice(2)).toEqual(['11m10s firing a']);
  });

  test('of one that was told is not forgotten where ends are not told', async () => {
    scenario = await Scenario.begin(routing('', QUIET_HOOK));
    scenario.push([a, b]);
    await scenario.until('30s');
    scenario.silence(['instance=a'], '10m');
    scenario.push([a], [b]);
    await scenario.until('30m');
    expect(told()).toEqual(['10s firing a b']);
  });

  test('survives a restart, and so does what was told before it', async () => {
    scenario = await beginOnDisk(PLAIN);
    scenario.push([a]);
    await scenario.until('30s');
    scenario.silence(['alertname=Down'], '5m');
    scenario.push([a, b]);
    await scenario.until('2m');
    scenario.restart();
    await scenario.until('7m');
    expect(told()).toEqual(['10s firing a', '6m10s firing a b']);
  });
});

describe('an inhibition', () => {
  const INHIBIT = routing(`  inhibit_rules:
    - source_matchers: [severity="critical"]
      target_matchers: [severity=~"warning|info"]
      equal: [service, zone]`);
  const critical = { severity: 'critical', service: 'shop', instance: 'c' };
  const warning = { severity: 'warning', service: 'shop', instance: 'w' };
  const elsewhere = { severity: 'warning', service: 'mail', instance: 'e' };

  test('mutes alerts with equal labels while its source fires; absent labels are equal to empty ones', async () => {
    scenario = await Scenario.begin(INHIBIT);
    scenario.push([critical, { ...warning, zone: '' }, elsewhere]);
    await scenario.until('2m');
    expect(told()).toEqual(['10s firing c e']);
    expect(scenario.marks({ ...warning, zone: '' }).inhibitedBy).toEqual([fingerprintOf(critical)]);
    expect(scenario.marks(elsewhere).inhibitedBy).toEqual([]);
  });

  test('ends with its source: what still fires is told', async () => {
    scenario = await Scenario.begin(INHIBIT);
    scenario.push([critical, warning]);
    await scenario.until('30s');
    scenario.push([warning], [critical]);
    await scenario.until('3m');
    expect(told()).toEqual(['10s firing c', '1m10s firing w, resolved c']);
  });

  test('comes from a source that is itself silenced', async () => {
    scenario = await Scenario.begin(INHIBIT);
    scenario.silence(['severity=critical'], '1h');
    scenario.push([critical, warning]);
    await scenario.until('5m');
    expect(told()).toEqual([]);
  });

  test('comes from a source whose end has not come, and no longer', async () => {
    scenario = await Scenario.begin(INHIBIT);
    scenario.pushUntil([critical], START_MS + 150_000);
    scenario.push([warning]);
    await scenario.until('4m');
    expect(told()).toEqual(['10s firing c', '3m10s firing w, resolved c']);
  });

  test('survives a restart', async () => {
    scenario = await beginOnDisk(INHIBIT);
    scenario.push([critical, warning]);
    await scenario.until('30s');
    scenario.restart();
    await scenario.until('5m');
    expect(told()).toEqual(['10s firing c']);
  });

  test('is not upheld by a source whose transaction was undone', async () => {
    scenario = await Scenario.begin(INHIBIT);
    const undone = () =>
      scenario.database.transaction(() => {
        scenario.push([critical]);
        throw new Error('the state of the rules could not be stored');
      });
    expect(undone).toThrow('could not be stored');
    scenario.push([warning]);
    await scenario.until('1m');
    expect(told()).toEqual(['10s firing w']);
  });

  describe('that left an alert out of a later message', () => {
    const fresh = { severity: 'info', service: 'shop', instance: 'f' };

    /** w was told, then only c, whose end is told to nobody. */
    async function beginOwing(): Promise<void> {
      scenario = await Scenario.begin(INHIBIT);
      scenario.push([warning]);
      await scenario.until('30s');
      scenario.push([warning, critical]);
      await scenario.until('90s');
      scenario.silence(['instance=c'], '1h');
      scenario.push([], [warning, critical]);
    }

    test('still owes its end, alone', async () => {
      await beginOwing();
      await scenario.until('5m');
      expect(told()).toEqual(['10s firing w', '1m10s firing c', '2m10s resolved w']);
    });

    test('still owes its end, in the first message about others', async () => {
      await beginOwing();
      scenario.push([fresh]);
      await scenario.until('2m30s');
      expect(told()).toEqual(['10s firing w', '1m10s firing c', '2m10s firing f, resolved w']);
      expect(scenario.arrivals[2]?.reason).toBe('first_notification');
    });

    test('lets it count as new when it goes', async () => {
      scenario = await Scenario.begin(INHIBIT);
      scenario.push([warning]);
      await scenario.until('30s');
      scenario.push([warning, critical]);
      await scenario.until('90s');
      scenario.push([warning], [critical]);
      await scenario.until('5m');
      expect(told()).toEqual(['10s firing w', '1m10s firing c', '2m10s firing w, resolved c']);
    });
  });

  test('reaches from one receiver to another', async () => {
    scenario = await Scenario.begin(`
  route:
    receiver: team
    group_wait: 10s
    routes: [{ receiver: other, matchers: [severity=warning] }]
  receivers: [{ name: team, ${HOOK} }, { name: other, ${HOOK} }]
  inhibit_rules: [{ source_match: { severity: critical }, target_match_re: { severity: warn.* } }]`);
    scenario.push([critical, warning]);
    await scenario.until('10m');
    expect(scenario.arrivals.map(({ to }) => to)).toEqual(['team/slack/0']);
  });

  test('by a rule that is new after a reload counts at once', async () => {
    scenario = await Scenario.begin(PLAIN);
    scenario.push([critical]);
    await scenario.until('30s');
    await scenario.reload(INHIBIT);
    scenario.push([critical, warning]);
    await scenario.until('3m');
    expect(told()).toEqual(['10s firing c']);
  });

  test('does not come from the alert itself, nor from another that matches both sides', async () => {
    scenario = await Scenario.begin(
      routing('  inhibit_rules: [{ source_match: { job: x }, target_match_re: { kind: "t|b" } }]'),
    );
    const both = { job: 'x', kind: 'b', instance: 'both' };
    const other = { job: 'x', kind: 'b', instance: 'other' };
    scenario.push([both, other]);
    await scenario.until('30s');
    expect(told()).toEqual(['10s firing both other']);
    // A target that is no source is inhibited by them; a source that is no target inhibits them.
    const target = { kind: 't', instance: 'target' };
    scenario.push([both, other, target]);
    expect(scenario.marks(target).inhibitedBy).toHaveLength(1);
    scenario.push([{ job: 'x', instance: 'source' }]);
    expect(scenario.marks(both).inhibitedBy).toEqual([fingerprintOf({ job: 'x', instance: 'source' })]);
  });
});

describe('time intervals of a route', () => {
  const timed = (line: string): string => `
  route:
    receiver: team
    group_wait: 10s
    group_interval: 1m
    routes: [{ ${line} }]
  receivers: [{ name: team, ${HOOK} }]
  time_intervals:
    - { name: quiet, time_intervals: [{ times: [{ start_time: '10:00', end_time: '10:05' }] }] }
    - { name: noon, time_intervals: [{ times: [{ start_time: '12:00', end_time: '13:00' }] }] }
    - { name: later, time_intervals: [{ times: [{ start_time: '10:03', end_time: '11:00' }] }] }`;

  test('mute it within them; what fires is told when they end', async () => {
    scenario = await Scenario.begin(timed('mute_time_intervals: [noon, quiet]'));
    scenario.push([a]);
    await scenario.until('30s');
    expect(scenario.marks(a).mutedBy).toEqual(['quiet']);
    expect(scenario.groups()).toMatchObject([
      { receiver: 'team', labels: {}, mutedBy: ['quiet'], alerts: [{ labels: a }] },
    ]);
    await scenario.until('7m');
    expect(told()).toEqual(['5m10s firing a']);
    expect(scenario.marks(a).mutedBy).toEqual([]);
  });

  test('that are active ones mute it outside of all of them', async () => {
    scenario = await Scenario.begin(timed('active_time_intervals: [noon, later]'));
    scenario.push([a]);
    await scenario.until('30s');
    expect(scenario.marks(a).mutedBy).toEqual(['noon', 'later']);
    await scenario.until('7m');
    expect(told()).toEqual(['3m10s firing a']);
  });

  test('of both kinds: whoever mutes wins', async () => {
    scenario = await Scenario.begin(timed('active_time_intervals: [later], mute_time_intervals: [quiet]'));
    scenario.push([a]);
    await scenario.until('10m');
    expect(told()).toEqual(['5m10s firing a']);
  });

  test('are not inherited', async () => {
    scenario = await Scenario.begin(timed('mute_time_intervals: [quiet], routes: [{ matchers: [instance=b] }]'));
    scenario.push([a, b]);
    await scenario.until('2m');
    expect(told()).toEqual(['10s firing b']);
  });

  test('mute no alert that another route tells', async () => {
    scenario = await Scenario.begin(timed('mute_time_intervals: [quiet], continue: true }, { matchers: [instance=a]'));
    scenario.push([a]);
    await scenario.until('1m');
    expect(told()).toEqual(['10s firing a']);
    expect(scenario.marks(a).mutedBy).toEqual([]);
    expect(scenario.groups().map(({ mutedBy }) => mutedBy)).toEqual([[], ['quiet']]);
  });

  test('that begin while it fires keep its end from everybody, as Alertmanager does', async () => {
    scenario = await Scenario.begin(timed('mute_time_intervals: [later]'));
    scenario.push([a]);
    await scenario.until('3m');
    scenario.push([], [a]);
    await scenario.until('2h', 10_000);
    expect(told()).toEqual(['10s firing a']);
  });

  test('survive a restart within them', async () => {
    scenario = await beginOnDisk(timed('mute_time_intervals: [quiet]'));
    scenario.push([a]);
    await scenario.until('2m');
    scenario.restart();
    await scenario.until('7m');
    expect(told()).toEqual(['5m10s firing a']);
  });
});

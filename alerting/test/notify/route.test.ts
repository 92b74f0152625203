import { describe, expect, test } from 'vitest';
import { compileRoutes, matchRoutes } from '../../src/notify/route.ts';
import { readConfig } from './scenario.ts';

async function tree(routes: string, groupBy = '[alertname]') {
  const { alerting } = await readConfig(`
alerting:
  route:
    receiver: top
    group_by: ${groupBy}
    routes: ${routes}
  receivers: [{ name: top }, { name: web }, { name: db }, { name: all }]
`);
  return compileRoutes(alerting.route!);
}

const receivers = (routes: Awaited<ReturnType<typeof tree>>, labels: Record<string, string>) =>
  matchRoutes(routes, labels).map(({ node }) => node.route.receiver);

describe('matchRoutes', () => {
  test('takes the top route where no child matches', async () => {
    expect(receivers(await tree(`[{ receiver: web, matchers: ['team="web"'] }]`), { team: 'db' })).toEqual(['top']);
  });

  test('takes the first child that matches and no further one', async () => {
    const routes = await tree(`[{ receiver: web, matchers: ['team="web"'] }, { receiver: all }]`);
    expect(receivers(routes, { team: 'web' })).toEqual(['web']);
    expect(receivers(routes, { team: 'db' })).toEqual(['all']);
  });

  test('goes on to the siblings after a child with continue', async () => {
    const routes = await tree(
      `[{ receiver: all, continue: true }, { receiver: web, matchers: ['team="web"'] }, { receiver: db }]`,
    );
    expect(receivers(routes, { team: 'web' })).toEqual(['all', 'web']);
    expect(receivers(routes, { team: 'x' })).toEqual(['all', 'db']);
  });

  test('goes down as deep as something matches', async () => {
    const routes = await tree(
      `[{ receiver: web, matchers: ['team="web"'], routes: [{ receiver: db, matchers: ['severity=~"page|ticket"'] }] }]`,
    );
    expect(receivers(routes, { team: 'web', severity: 'page' })).toEqual(['db']);
    expect(receivers(routes, { team: 'web', severity: 'pager' })).toEqual(['web']);
    expect(receivers(routes, { severity: 'page' })).toEqual(['top']);
  });

  test.each([
    ['team="web"', { team: 'web' }, true],
    ['team="web"', {}, false],
    ['team=""', {}, true],
    ['team!="web"', {}, true],
    ['team!="web"', { team: 'web' }, false],
    ['team=~"we."', { team: 'web' }, true],
    ['team=~"we"', { team: 'web' }, false],
    ['team=~"web|db"', { team: 'dbx' }, false],
    ['team!~"w.*"', { team: 'db' }, true],
    ['team!~"w.*"', { team: 'web' }, false],
    ['team=~".*"', {}, true],
  ])('matches %s against %o: %s', async (matcher, labels, expected) => {
    const routes = await tree(`[{ receiver: web, matchers: [${JSON.stringify(matcher)}] }]`);
    expect(receivers(routes, labels as Record<string, string>)).toEqual([expected ? 'web' : 'top']);
  });
});

describe('the group of an alert', () => {
  const groups = async (groupBy: string, labels: Record<string, string>) =>
    matchRoutes(await tree('[]', groupBy), labels)[0]!;

  test('has the labels that group_by names and the alert has', async () => {
    const { groupLabels } = await groups('[alertname, monitor]', { alertname: 'Down', service: 'x' });
    expect(groupLabels).toEqual({ alertname: 'Down' });
  });

  test("has all labels with group_by ['...']", async () => {
    const { groupLabels } = await groups("['...']", { b: '2', a: '1' });
    expect(groupLabels).toEqual({ a: '1', b: '2' });
  });

  test('has none without group_by, so that a route is one group', async () => {
    const { groupKey, groupLabels } = await groups('[]', { alertname: 'Down' });
    expect(groupLabels).toEqual({});
    expect(groupKey).toBe('{}:{}');
  });

  test('keeps its key when a route is added before its own', async () => {
    const one = matchRoutes(await tree(`[{ receiver: web, matchers: ['team="web"'] }]`), { team: 'web' });
    const two = matchRoutes(
      await tree(`[{ receiver: db, matchers: ['team="db"'] }, { receiver: web, matchers: ['team="web"'] }]`),
      { team: 'web' },
    );
    expect(two[0]?.groupKey).toBe(one[0]?.groupKey);
    expect(one[0]?.groupKey).toBe('{}/{team="web"}:{}');
  });

  test('differs between sibling routes with equal matchers', async () => {
    const found = matchRoutes(await tree(`[{ receiver: web, continue: true }, { receiver: db }]`), {});
    expect(found.map(({ groupKey }) => groupKey)).toEqual(['{}/{}:{}', '{}/{}#2:{}']);
  });
});

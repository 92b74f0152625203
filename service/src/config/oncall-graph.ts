import type { SourceDocument } from './document.ts';
import type { Problem } from './problem.ts';
import type { Receiver } from './schema/alerting/receiver.ts';
import { asMapping, isGiven, type Mapping, mappingsIn, type Refuse, textAt } from './schema/cross-checks.ts';

/**
 * What has to hold between people, schedules, escalations and receivers: names are their own and name what is there, also in what leads to an escalation
 * (`alerting.receivers[].escalation`). Runs over what is written, so it speaks up beside other mistakes.
 * @param elsewhere the receivers of `alerting.config_file`
 */
export function checkOnCallGraph(
  source: SourceDocument,
  elsewhere: readonly Pick<Receiver, 'name' | 'escalation'>[] = [],
): Problem[] {
  const problems: Problem[] = [];
  const refuse: Refuse = (path, expected) =>
    problems.push({
      file: source.file,
      line: source.lineOf(path),
      path: source.formatPath(path),
      expected,
      found: source.foundAt(path),
    });
  const root = asMapping(source.value);
  const section = asMapping(root['oncall']);
  const alerting = asMapping(root['alerting']);
  const receivers = new Set([...namesIn(alerting['receivers']), ...elsewhere.map(({ name }) => name)]);
  const users = uniqueNames(section, 'users', refuse);
  const schedules = uniqueNames(section, 'schedules', refuse);
  const escalations = uniqueNames(section, 'escalations', refuse);
  const known = (
    place: readonly (string | number)[],
    name: unknown,
    names: ReadonlySet<string>,
    what: string,
  ): void => {
    if (typeof name === 'string' && !names.has(name))
      refuse(place, `${what}'s name (${[...names].join(', ') || 'none is defined'})`);
  };
  for (const [at, entry] of mappingsIn(section['users']))
    for (const key of ['contact', 'urgent_contact'])
      for (const [index, name] of listIn(entry[key]))
        known(['oncall', 'users', at, key, index], name, receivers, 'a receiver');
  for (const [at, entry] of mappingsIn(section['schedules']))
    for (const [layer, { users: names }] of mappingsIn(entry['layers']))
      for (const [index, name] of listIn(names))
        known(['oncall', 'schedules', at, 'layers', layer, 'users', index], name, users, 'a user');
  const targets = { user: users, schedule: schedules, receiver: receivers };
  for (const [at, entry] of mappingsIn(section['escalations']))
    for (const [stepAt, step] of mappingsIn(entry['steps']))
      for (const [index, target] of mappingsIn(step['notify']))
        for (const [kind, names] of Object.entries(targets))
          known(
            ['oncall', 'escalations', at, 'steps', stepAt, 'notify', index, kind],
            target[kind],
            names,
            `a ${kind}`,
          );
  const escalating = new Set(elsewhere.filter((entry) => entry.escalation !== undefined).map(({ name }) => name));
  for (const { escalation } of elsewhere)
    known(['alerting', 'config_file'], escalation, escalations, 'in every receiver there an escalation');
  for (const [at, entry] of mappingsIn(alerting['receivers'])) {
    known(['alerting', 'receivers', at, 'escalation'], entry['escalation'], escalations, 'an escalation');
    const name = textAt(entry, 'name');
    if (isGiven(entry, 'escalation') && name !== undefined) escalating.add(name);
  }
  refuseCircles(section, escalating, refuse);
  return problems;
}

/** A person's contact, or a step's receiver, is a way to reach people, and not the beginning of another escalation. */
function refuseCircles(section: Mapping, escalating: ReadonlySet<string>, refuse: Refuse): void {
  const direct = 'a receiver without an escalation';
  const check = (place: readonly (string | number)[], name: unknown): void => {
    if (typeof name === 'string' && escalating.has(name)) refuse(place, direct);
  };
  for (const [at, entry] of mappingsIn(section['users']))
    for (const key of ['contact', 'urgent_contact'])
      for (const [index, name] of listIn(entry[key])) check(['oncall', 'users', at, key, index], name);
  for (const [at, entry] of mappingsIn(section['escalations']))
    for (const [stepAt, step] of mappingsIn(entry['steps']))
      for (const [index, target] of mappingsIn(step['notify']))
        check(['oncall', 'escalations', at, 'steps', stepAt, 'notify', index, 'receiver'], target['receiver']);
}

function listIn(list: unknown): readonly (readonly [index: number, entry: unknown])[] {
  return Array.isArray(list) ? [...list.entries()] : [];
}

function namesIn(list: unknown): string[] {
  return mappingsIn(list).flatMap(([, entry]) => textAt(entry, 'name') ?? []);
}

function uniqueNames(section: Mapping, key: string, refuse: Refuse): ReadonlySet<string> {
  const names = new Set<string>();
  for (const [at, entry] of mappingsIn(section[key])) {
    const name = textAt(entry, 'name');
    if (name === undefined) continue;
    if (names.has(name)) refuse(['oncall', key, at, 'name'], 'a name used once');
    names.add(name);
  }
  return names;
}

import type { TocsinConfig } from '@tocsin/service/config';

/** What the user has set up himself: the shipped rules look at every service, so they set none apart. */
type Watching = Pick<TocsinConfig, 'monitors' | 'ruleGroups' | 'slos'>;

/**
 * The services that nothing of the user's own watches: no probe goes through one, no monitor has its name, no rule names it or looks at all
 * services, and no objective covers it.
 * @param seen services that send spans; @param probed those in the traces of probes
 */
export function findUnwatched(seen: readonly string[], probed: readonly string[], watching: Watching): string[] {
  const names = new Set([...probed, ...watching.monitors.map(({ name }) => name)].map((name) => name.toLowerCase()));
  const rules = watching.ruleGroups.flatMap((group) => group.rules);
  const objectives = watching.slos.flatMap(({ source }) => (source.type === 'spans' ? source.services : []));
  if (rules.some(({ sql }) => looksAtAllServices(sql))) return [];
  return seen.filter(
    (service) =>
      !names.has(service.toLowerCase()) &&
      !rules.some((rule) => namesService(rule, service)) &&
      !objectives.some((pattern) => matches(pattern, service)),
  );
}

/** It gives a row for each service, and picks none of them. */
function looksAtAllServices(sql: string): boolean {
  return /\bServiceName\b/.test(sql) && !/\bServiceName\s*(?:=|!=|<>|(?:NOT\s+)?(?:IN|I?LIKE)\b)/i.test(sql);
}

function namesService(
  { sql, labels }: { readonly sql: string; readonly labels: Readonly<Record<string, string>> },
  service: string,
): boolean {
  return sql.includes(`'${service.replaceAll("'", "\\'")}'`) || labels['service'] === service;
}

/** `*` is any text. */
function matches(pattern: string, service: string): boolean {
  const parts = pattern.split('*').map((part) => part.replaceAll(/[.+?^${}()|[\]\\]/g, '\\$&'));
  return new RegExp(`^${parts.join('.*')}$`, 's').test(service);
}

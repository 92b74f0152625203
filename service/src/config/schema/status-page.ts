import { z } from 'zod';
import { parseAddress } from '../address.ts';
import { ALWAYS, asMapping, isMapping, mappingsIn, refuseIn, textAt } from './cross-checks.ts';
import { flag, httpUrl, listen, positiveDuration, scalar, text, timeZone } from './scalars.ts';

const DAY_MS = 86_400_000;
/** What one page holds: its one query reads 90 days of each. */
const MAX_MONITORS = 200;

const color = scalar('a colour such as #0b57c2', (given) => {
  const [, digits] = /^#([0-9a-f]{3}|[0-9a-f]{6})$/i.exec(String(given)) ?? [];
  if (digits === undefined) return undefined;
  return `#${digits.length === 3 ? digits.replace(/./g, '$&$&') : digits}`.toLowerCase();
});

const hostName = scalar('a host name without a port', (given) => {
  const host = String(given).toLowerCase();
  return host !== '' && parseAddress(`${host}:1`)?.host === host && !host.includes('*') ? host : undefined;
});

/** Instead of a mapping its most important text. */
const textFor = <Entry extends z.ZodType>(key: string, entry: Entry) =>
  z.preprocess((value) => (typeof value === 'string' ? { [key]: value } : value), entry);

const chosen = z
  .array(
    textFor(
      'monitor',
      z
        .strictObject({
          monitor: text,
          name: text.optional(),
          description: text.optional(),
          response_times: flag.default(true),
        })
        .transform((value): ChosenMonitor => {
          const name = value.name ?? value.monitor;
          const { monitor, description, response_times: showsResponseTimes } = value;
          return { monitor, name, slug: slugOf(name), description, showsResponseTimes };
        }),
    ),
  )
  .default([]);

/** A monitor that the public may see, and as what. */
export interface ChosenMonitor {
  /** The monitor's own name: nothing that is public has it. */
  readonly monitor: string;
  /** What the public reads. */
  readonly name: string;
  /** Stands for it in addresses. */
  readonly slug: string;
  readonly description: string | undefined;
  readonly showsResponseTimes: boolean;
}

/** The name as it stands in addresses: letters and digits in lower case, `-` for all between. */
export function slugOf(name: string): string {
  return name
    .normalize('NFKC')
    .toLowerCase()
    .replace(/[^\p{L}\p{M}\p{N}]+/gu, '-')
    .replace(/^-+|-+$/g, '');
}

const group = z.strictObject({ name: text, description: text.optional(), monitors: chosen });

const announced = z
  .array(
    textFor(
      'window',
      z
        .strictObject({ window: text, title: text.optional(), text: text.optional() })
        .transform((value) => ({ window: value.window, title: value.title ?? value.window, text: value.text })),
    ),
  )
  .default([]);

/** The page for the public. Nothing is on it that is not named here. */
export const statusPage = z
  .strictObject({
    listen: listen(7603),
    hosts: z.array(hostName).default([]),
    url: httpUrl.optional(),
    name: text.default('Status'),
    description: text.optional(),
    footer: text.optional(),
    homepage: httpUrl.optional(),
    logo_file: text.optional(),
    color: color.optional(),
    timezone: timeZone.default('UTC'),
    monitors: chosen,
    groups: z.array(group).default([]),
    maintenance: announced,
    maintenance_ahead: positiveDuration.default(7 * DAY_MS),
  })
  .prefault({})
  .superRefine(checkStatusPage, ALWAYS)
  .transform((value) => ({
    listen: value.listen,
    /** Names under which it is reached. */
    hosts: value.hosts,
    url: value.url,
    name: value.name,
    description: value.description,
    footer: value.footer,
    homepage: value.homepage,
    logoFile: value.logo_file,
    /** `#rrggbb`. */
    color: value.color,
    timeZone: value.timezone,
    /** In their order; the first has no name where monitors stand in no group. */
    groups: [
      ...(value.monitors.length > 0 ? [{ name: undefined, description: undefined, monitors: value.monitors }] : []),
      ...value.groups,
    ] as readonly ChosenGroup[],
    /** Maintenance windows that are announced, and as what. */
    maintenance: value.maintenance,
    /** So long before they begin. */
    maintenanceAheadMs: value.maintenance_ahead,
  }));

/** Monitors under one heading. */
export interface ChosenGroup {
  readonly name: string | undefined;
  readonly description: string | undefined;
  readonly monitors: readonly ChosenMonitor[];
}

export type StatusPageConfig = Readonly<z.output<typeof statusPage>>;

/** Each monitor is there once, and no two have one address. Raw entries may still be text. */
function checkStatusPage(value: unknown, context: z.RefinementCtx): void {
  const refuse = refuseIn(context);
  const choices = chosenIn(asMapping(value));
  const monitors = new Set<string>();
  const slugs = new Map<string, string>();
  for (const { path, monitor, name } of choices.slice(0, MAX_MONITORS)) {
    const slug = slugOf(name);
    const first = slugs.get(slug);
    if (slug === '') refuse(path, 'a name with a letter or a digit');
    if (monitors.has(monitor)) refuse(path, 'each monitor once');
    else if (first !== undefined)
      refuse(path, `a name that differs from ${JSON.stringify(first)} in a letter or a digit`);
    monitors.add(monitor);
    if (slug !== '') slugs.set(slug, name);
  }
  const tooMany = choices[MAX_MONITORS];
  if (tooMany) refuse(tooMany.path, `at most ${MAX_MONITORS} monitors`);
}

/** A monitor as it is written or read. */
export interface WrittenChoice {
  readonly path: readonly (string | number)[];
  readonly monitor: string;
  readonly name: string;
}

/** The monitors that a page chooses, be they written as text or as a mapping. */
export function chosenIn(page: Readonly<Record<string, unknown>>): WrittenChoice[] {
  const lists = [
    { path: ['monitors'], list: page['monitors'] },
    ...mappingsIn(page['groups']).map(([index, entry]) => ({
      path: ['groups', index, 'monitors'],
      list: entry['monitors'],
    })),
  ];
  return lists.flatMap(({ path, list }) => {
    const entries: readonly unknown[] = Array.isArray(list) ? list : [];
    return entries.flatMap((entry, index) => {
      const monitor = isMapping(entry) ? textAt(entry, 'monitor') : entry;
      if (typeof monitor !== 'string') return [];
      return [
        { path: [...path, index], monitor, name: (isMapping(entry) ? textAt(entry, 'name') : undefined) ?? monitor },
      ];
    });
  });
}

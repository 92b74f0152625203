import { statSync } from 'node:fs';
import { resolve } from 'node:path';
import type { SourceDocument } from './document.ts';
import type { Problem } from './problem.ts';
import { monitorNames } from './monitor-graph.ts';
import { asMapping, isMapping, type Mapping, mappingsIn, textAt } from './schema/cross-checks.ts';
import { chosenIn, type StatusPageConfig } from './schema/status-page.ts';

/** A logo is sent to everybody who reads the page. */
const MAX_LOGO_BYTES = 256 * 1_024;
const IS_PICTURE = /\.(?:svg|png|jpe?g|webp)$/i;

/**
 * What has to hold between the status page and the rest: its monitors and maintenance windows are there, and its logo is a picture. Runs
 * over what is written.
 * @param main `tocsin.yaml`
 * @param sources every file with monitors
 */
export function checkStatusPage(main: SourceDocument, sources: readonly SourceDocument[], folder: string): Problem[] {
  const page = pageOf(main);
  const monitors = monitorNames(sources);
  const windows = windowNames(sources);
  const say = (inside: readonly (string | number)[], expected: string, found?: string): Problem => {
    const path = ['status_page', ...inside];
    return {
      file: main.file,
      line: main.lineOf(path),
      path: main.formatPath(path),
      expected,
      found: found ?? main.foundAt(path),
    };
  };
  const strangers = chosenIn(page)
    .filter(({ monitor }) => !monitors.has(monitor))
    .map(({ path, monitor }) => say(path, 'the name of a monitor', JSON.stringify(monitor)));
  const list: unknown = page['maintenance'];
  const announced = (Array.isArray(list) ? list : []).flatMap((entry: unknown, index) => {
    const window = isMapping(entry) ? textAt(entry, 'window') : entry;
    if (typeof window !== 'string' || windows.has(window)) return [];
    return [say(['maintenance', index], 'the name of a maintenance window', JSON.stringify(window))];
  });
  const logo = textAt(page, 'logo_file');
  const isWrong =
    logo !== undefined && !main.isUnfilled(['status_page', 'logo_file']) && !isLogo(resolve(folder, logo));
  const expected = 'a picture that is there (.svg, .png, .jpg or .webp) of at most 256KiB';
  return [...strangers, ...announced, ...(isWrong ? [say(['logo_file'], expected)] : [])];
}

/** The section with the path of its logo from `folder`. */
export function placeLogo(page: StatusPageConfig, folder: string): StatusPageConfig {
  return page.logoFile === undefined ? page : { ...page, logoFile: resolve(folder, page.logoFile) };
}

/** Adds the logo to the files that a reload watches. */
export function noteLogo(main: SourceDocument, folder: string, files: Set<string>): void {
  const logo = textAt(pageOf(main), 'logo_file');
  if (logo !== undefined) files.add(resolve(folder, logo));
}

function pageOf(main: SourceDocument): Mapping {
  return asMapping(asMapping(main.value)['status_page']);
}

function isLogo(file: string): boolean {
  const stats = statSync(file, { throwIfNoEntry: false });
  return IS_PICTURE.test(file) && stats?.isFile() === true && stats.size <= MAX_LOGO_BYTES;
}

/** The names of all maintenance windows: those of the configuration and each monitor's own. */
function windowNames(sources: readonly SourceDocument[]): ReadonlySet<string> {
  const lists = sources.flatMap(({ value }) => {
    const whole = asMapping(value);
    return [whole['maintenance'], ...mappingsIn(whole['monitors']).map(([, monitor]) => monitor['maintenance'])];
  });
  const names = lists.flatMap((list) => mappingsIn(list).map(([, window]) => textAt(window, 'name')));
  return new Set(names.filter((name) => name !== undefined));
}

import { isDeepStrictEqual } from 'node:util';
import type { TocsinConfig } from './load.ts';
import { AT_START, SAID_BY } from './reload-table.ts';

interface Tree {
  readonly [name: string]: unknown;
}

/**
 * What a service works with after a reload: the new configuration with what takes effect at the next start only left as it was, so that
 * nobody half-applies it.
 * @param running the configuration that the service was started with
 */
export function mergeReload(running: TocsinConfig, next: TocsinConfig): TocsinConfig {
  let merged = next as unknown as Tree;
  for (const place of Object.values(AT_START)) {
    const path = place.split('.');
    merged = withValue(merged, path, valueAt(running, path));
  }
  return merged as unknown as TocsinConfig;
}

/** The settings of a service's sections whose new value waits for the next start, in the order of the table. */
export function settingsThatWait(running: TocsinConfig, next: TocsinConfig, service: string): readonly string[] {
  const changed = Object.entries(AT_START).filter(([setting, place]) => {
    if (SAID_BY[setting.split('.')[0] ?? ''] !== service) return false;
    const path = place.split('.');
    return !isDeepStrictEqual(valueAt(running, path), valueAt(next, path));
  });
  return changed.map(([setting]) => setting);
}

function valueAt(config: object, path: readonly string[]): unknown {
  return path.reduce<unknown>((value, name) => (value as Tree | undefined)?.[name], config);
}

/** A frozen copy with another value at one place. */
function withValue(tree: Tree, [name = '', ...rest]: readonly string[], value: unknown): Tree {
  const inner = rest.length === 0 ? value : withValue(tree[name] as Tree, rest, value);
  return Object.freeze({ ...tree, [name]: inner });
}

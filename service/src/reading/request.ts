import type { ConfigSource, TocsinConfig, WatchedFiles } from '../config/index.ts';
import type { Problem, RuleGroup } from '../config/index.ts';

/** What the reading process is asked for. */
export type ReadRequest =
  | ({ readonly what: 'config' } & Omit<ConfigSource, 'env'>)
  | { readonly what: 'rule-groups'; readonly path: string; readonly shown: string };

/** What it answers. `invalid` becomes a ConfigError again. */
export type ReadAnswer =
  | { readonly status: 'ok'; readonly value: TocsinConfig | readonly RuleGroup[] }
  | { readonly status: 'invalid'; readonly problems: readonly Problem[]; readonly watched: WatchedFiles | undefined };

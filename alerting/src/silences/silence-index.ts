import type { Matcher } from '@tocsin/service/config';
import type { LabelSet } from '../alert.ts';
import { acceptedValues, type CompiledMatcher, compileMatchers, valueOf } from '../notify/matchers.ts';
import type { Silence } from './silence.ts';

/** A silence made ready. */
export interface IndexedSilence {
  readonly silence: Silence;
  readonly matches: CompiledMatcher;
  /** Rises with every silence that is put in. */
  readonly sequence: number;
  /** It was changed or taken out since. */
  isRetired: boolean;
  /** Where it stands. */
  readonly keys: readonly string[];
}

/** Silences by what they match, so that an alert is held against the few that may match it. */
export interface SilenceIndex {
  /** Puts a silence in, in the place of the one with its id. */
  put(silence: Silence): void;
  remove(id: string): void;
  /** Those whose matchers match and that were put in after `since`, whatever the time is. */
  find(labels: LabelSet, since: number): IndexedSilence[];
  /** The sequence number of the newest. */
  readonly newest: () => number;
}

/** Beyond this many alternatives a matcher is not spread over the index. */
const MAX_KEYS = 64;
const ANYWHERE = '';

/** Makes an empty index. */
export function createSilenceIndex(): SilenceIndex {
  const byId = new Map<string, IndexedSilence>();
  /** In each list the newest is last. */
  const lists = new Map<string, IndexedSilence[]>();
  const names = new Map<string, number>();
  let sequence = 0;

  const remove = (id: string): void => {
    const known = byId.get(id);
    if (!known) return;
    known.isRetired = true;
    byId.delete(id);
    for (const key of known.keys) {
      const rest = (lists.get(key) ?? []).filter((other) => other !== known);
      if (rest.length > 0) lists.set(key, rest);
      else lists.delete(key);
      countName(names, key, -1);
    }
  };
  return {
    remove,
    newest: () => sequence,
    put(silence) {
      remove(silence.id);
      sequence += 1;
      const keys = chooseKeys(silence.matchers, (key) => lists.get(key)?.length ?? 0);
      const entry = { silence, matches: compileMatchers(silence.matchers), sequence, isRetired: false, keys };
      byId.set(silence.id, entry);
      for (const key of keys) {
        const list = lists.get(key);
        if (list) list.push(entry);
        else lists.set(key, [entry]);
        countName(names, key, 1);
      }
    },
    find(labels, since) {
      const found: IndexedSilence[] = [];
      const look = (list: readonly IndexedSilence[] | undefined): void => {
        for (let at = (list?.length ?? 0) - 1; at >= 0; at -= 1) {
          const entry = list?.[at];
          if (!entry || entry.sequence <= since) return;
          if (entry.matches(labels)) found.push(entry);
        }
      };
      look(lists.get(ANYWHERE));
      for (const name of names.keys()) look(lists.get(keyOf(name, valueOf(labels, name))));
      return found;
    },
  };
}

/** The values by which a silence is found: those of the matcher whose lists are shortest; `ANYWHERE` where no matcher names its values. */
function chooseKeys(matchers: readonly Matcher[], lengthOf: (key: string) => number): readonly string[] {
  let best: { readonly keys: readonly string[]; readonly cost: number } | undefined;
  for (const matcher of matchers) {
    const values = acceptedValues(matcher);
    // An absent label is empty: to find it so would take a look at every name.
    if (!values || values.length > MAX_KEYS || values.includes('')) continue;
    const keys = [...new Set(values)].map((value) => keyOf(matcher.name, value));
    const cost = keys.reduce((sum, key) => sum + lengthOf(key), keys.length / MAX_KEYS);
    if (!best || cost < best.cost) best = { keys, cost };
  }
  return best?.keys ?? [ANYWHERE];
}

const keyOf = (name: string, value: string): string => `${name}\0${value}`;

function countName(names: Map<string, number>, key: string, change: number): void {
  if (key === ANYWHERE) return;
  const name = key.slice(0, key.indexOf('\0'));
  const count = (names.get(name) ?? 0) + change;
  if (count > 0) names.set(name, count);
  else names.delete(name);
}

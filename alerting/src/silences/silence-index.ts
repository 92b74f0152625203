import type { Matcher } from '@tocsin/service/config';
import type { LabelSet } from '../alert.ts';
import { acceptedBy, type CompiledMatcher, compileMatchers, valueOf } from '../notify/matchers.ts';
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
  readonly keys: readonly Key[];
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

/** Where a silence stands: by a label's value, by how it begins, or (with no name) where each alert looks. */
interface Key {
  readonly name: string;
  /** How many characters of the value count; `undefined` for all of them. */
  readonly length: number | undefined;
  readonly text: string;
}

const ANYWHERE: Key = { name: '', length: undefined, text: '' };

/** Makes an empty index. */
export function createSilenceIndex(): SilenceIndex {
  const byId = new Map<string, IndexedSilence>();
  /** In each list the newest is last. */
  const lists = new Map<string, IndexedSilence[]>();
  /** The kinds of keys there are, each with how many stand by it. */
  const shapes = new Map<string, { readonly key: Key; count: number }>();
  let sequence = 0;

  const countShape = (key: Key, change: number): void => {
    const name = shapeOf(key);
    const shape = shapes.get(name) ?? { key, count: 0 };
    shape.count += change;
    if (shape.count > 0) shapes.set(name, shape);
    else shapes.delete(name);
  };
  const remove = (id: string): void => {
    const known = byId.get(id);
    if (!known) return;
    known.isRetired = true;
    byId.delete(id);
    for (const key of known.keys) {
      const rest = (lists.get(textOf(key)) ?? []).filter((other) => other !== known);
      if (rest.length > 0) lists.set(textOf(key), rest);
      else lists.delete(textOf(key));
      countShape(key, -1);
    }
  };
  return {
    remove,
    newest: () => sequence,
    put(silence) {
      remove(silence.id);
      sequence += 1;
      const keys = chooseKeys(silence.matchers, (key) => lists.get(textOf(key))?.length ?? 0);
      const entry = { silence, matches: compileMatchers(silence.matchers), sequence, isRetired: false, keys };
      byId.set(silence.id, entry);
      for (const key of keys) {
        const list = lists.get(textOf(key));
        if (list) list.push(entry);
        else lists.set(textOf(key), [entry]);
        countShape(key, 1);
      }
    },
    find(labels, since) {
      const found: IndexedSilence[] = [];
      for (const { key } of shapes.values()) {
        const value = key.name === '' ? '' : valueOf(labels, key.name);
        const list = lists.get(textOf({ ...key, text: key.length === undefined ? value : value.slice(0, key.length) }));
        collectSince(list, labels, since, found);
      }
      return found;
    },
  };
}

function collectSince(
  list: readonly IndexedSilence[] | undefined,
  labels: LabelSet,
  since: number,
  found: IndexedSilence[],
): void {
  for (let at = (list?.length ?? 0) - 1; at >= 0; at -= 1) {
    const entry = list?.[at];
    if (!entry || entry.sequence <= since) return;
    if (entry.matches(labels)) found.push(entry);
  }
}

/** The keys by which a silence is found: those of the matcher whose lists are shortest; `ANYWHERE` where no matcher tells its values. */
function chooseKeys(matchers: readonly Matcher[], lengthOf: (key: Key) => number): readonly Key[] {
  let best: { readonly keys: readonly Key[]; readonly cost: number } | undefined;
  for (const matcher of matchers) {
    const accepted = acceptedBy(matcher);
    if (!accepted || accepted.texts.length > MAX_KEYS) continue;
    const keys = [...new Set(accepted.texts)].map((text): Key => {
      const length = accepted.kind === 'prefix' ? text.length : undefined;
      return { name: matcher.name, length, text };
    });
    const cost = keys.reduce((sum, key) => sum + lengthOf(key), keys.length / MAX_KEYS);
    if (!best || cost < best.cost) best = { keys, cost };
  }
  return best?.keys ?? [ANYWHERE];
}

const shapeOf = ({ name, length }: Key): string => `${length ?? ''}\0${name}`;
const textOf = (key: Key): string => `${shapeOf(key)}\0${key.text}`;

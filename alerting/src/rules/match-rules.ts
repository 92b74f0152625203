import type { RuleIdentity } from './rule.ts';

/**
 * Finds for every wanted rule the known one whose state it goes on with: first those of the same file, then those that moved to
 * another file with group, name and labels unchanged. Rules that cannot be told apart pair up in their order.
 * @returns for each wanted rule its known one, if any, and the known ones nobody wants any more
 */
export function matchRules<Known extends { readonly identity: RuleIdentity }>(
  wanted: readonly RuleIdentity[],
  known: readonly Known[],
): { readonly matched: readonly (Known | undefined)[]; readonly removed: readonly Known[] } {
  const matched: (Known | undefined)[] = wanted.map(() => undefined);
  const left = new Set(known);
  for (const keyOf of [exactKey, movedKey]) {
    const queues = Map.groupBy(left, ({ identity }) => keyOf(identity));
    for (const [at, identity] of wanted.entries()) {
      if (matched[at]) continue;
      const found = queues.get(keyOf(identity))?.shift();
      if (!found) continue;
      matched[at] = found;
      left.delete(found);
    }
  }
  return { matched, removed: [...left] };
}

function exactKey({ kind, file, group, name, labels }: RuleIdentity): string {
  return JSON.stringify([kind, file, group, name, labels]);
}

function movedKey({ kind, group, name, labels }: RuleIdentity): string {
  return JSON.stringify([kind, group, name, labels]);
}

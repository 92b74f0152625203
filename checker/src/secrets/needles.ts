/** Shorter values would black out ordinary words. */
export const SHORTEST_SECRET = 4;

const MOST_KEPT = 10_000;
const kept = new Map<string, readonly string[]>();

const ofLists = new WeakMap<Iterable<string>, readonly string[]>();

/** The same of many; a list is taken to stay as it is. */
export function needlesOfAll(secrets: Iterable<string>): readonly string[] {
  const known = ofLists.get(secrets);
  if (known) return known;
  const needles = [...secrets].flatMap(needlesOf);
  if (Array.isArray(secrets)) ofLists.set(secrets, needles);
  return needles;
}

/** The forms of a secret that neither escapes nor codes explain. None of one that is too short. */
function needlesOf(secret: string): readonly string[] {
  if (secret.length < SHORTEST_SECRET) return [];
  const known = kept.get(secret);
  if (known) return known;
  // A form has a plus sign for a space; headers of HTTP are read byte by byte.
  const needles = [...new Set([secret, secret.replaceAll(' ', '+'), Buffer.from(secret).toString('latin1')])];
  if (kept.size >= MOST_KEPT) kept.clear();
  kept.set(secret, needles);
  return needles;
}

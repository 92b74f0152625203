/** Statements that a reader may run; each number in them can give way to an expression. */
const BASES: readonly string[] = [
  'SELECT 1, 2 AS b',
  'SELECT number + 1 FROM numbers(3) WHERE number > 0 GROUP BY number HAVING sum(number) >= 0 ORDER BY number + 0',
  'SELECT sumIf(number, number > 1) FROM numbers(5)',
  'WITH 5 AS five SELECT five + 1, (SELECT max(number) FROM numbers(7))',
  'SELECT arrayMap(x -> x + 1, [1, 2, 3]), arrayFilter(x -> x > 1, range(4))',
  'SELECT CASE WHEN number = 1 THEN 2 ELSE 3 END FROM numbers(2) UNION ALL SELECT 4',
  'SELECT a.number FROM numbers(3) AS a INNER JOIN (SELECT 1 AS k) AS b ON a.number = b.k + 0',
  'SELECT sum(number + 0) OVER (PARTITION BY number % 2 ORDER BY number + 1) FROM numbers(4)',
  'SELECT * REPLACE(number + 1 AS number) FROM numbers(3)',
  'SELECT number FROM numbers(3) WHERE number IN (1, 2) LIMIT 1',
  'SELECT tuple(1, map(1, 2)), if(1, 2, 3) SETTINGS max_threads = 1',
  'EXPLAIN SELECT 1 + 2 FROM numbers(3)',
  'SELECT t FROM (SELECT 1 AS t FROM numbers(2) ARRAY JOIN [1, 2] AS z)',
  'SELECT x FROM view(SELECT 1 AS x)',
];

/** Numbers below 1, so that a statement can be told again. Mulberry32. */
export function seededRandom(seed: number): () => number {
  let state = seed >>> 0;
  return () => {
    state = (state + 0x6d_2b_79_f5) >>> 0;
    let mixed = Math.imul(state ^ (state >>> 15), state | 1);
    mixed ^= mixed + Math.imul(mixed ^ (mixed >>> 7), mixed | 61);
    return ((mixed ^ (mixed >>> 14)) >>> 0) / 2 ** 32;
  };
}

/** Puts an expression in the place of one number of a statement, both by chance. */
export function splice(expression: string, random: () => number): string {
  const base = pick(BASES, random);
  const places = [...base.matchAll(/\b\d+\b/g)];
  const place = pick(places, random);
  const end = place.index + place[0].length;
  return `${base.slice(0, place.index)}${expression}${base.slice(end)}`;
}

/** A name as it may be written: in any case, in quotes, with escapes, after a comment. */
export function disguise(name: string, random: () => number): string {
  const letter = Math.floor(random() * name.length);
  const code = name.charCodeAt(letter).toString(16).padStart(2, '0');
  const escaped = `${name.slice(0, letter)}\\x${code}${name.slice(letter + 1)}`;
  return pick(
    [name, `\`${name}\``, `"${name}"`, `/* 1 */ ${name}`, `${name} -- (\n`, `\`${escaped}\``, `"${escaped}"`],
    random,
  );
}

/** One of several. */
export function pick<T>(from: readonly T[], random: () => number): T {
  const chosen = from[Math.floor(random() * from.length)];
  if (chosen === undefined) throw new Error('nothing to choose from');
  return chosen;
}

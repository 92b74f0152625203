/** A text as a literal of ClickHouse. Source: ClickHouse documentation, "Syntax", string literals. */
export function quoteText(text: string): string {
  return `'${text.replace(/[\\']/g, (char) => `\\${char}`)}'`;
}

/** A condition that an expression is one of some names; in a name `*` is any text. */
export function matchesAny(expression: string, names: readonly string[]): string {
  const plain = names.filter((name) => !name.includes('*'));
  const patterns = names.filter((name) => name.includes('*'));
  const likes = patterns.map((pattern) => {
    const like = pattern.replace(/[\\%_]/g, (char) => `\\${char}`).replaceAll('*', '%');
    return `${expression} LIKE ${quoteText(like)}`;
  });
  const conditions = plain.length > 0 ? [`${expression} IN (${plain.map(quoteText).join(', ')})`, ...likes] : likes;
  return conditions.length === 1 ? (conditions[0] ?? '0') : `(${conditions.join(' OR ')})`;
}

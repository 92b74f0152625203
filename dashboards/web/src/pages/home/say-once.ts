/** The texts that say something an earlier one has not said: a summary often holds the reason. */
export function sayOnce(texts: readonly (string | undefined)[]): string[] {
  const said: string[] = [];
  for (const text of texts) {
    if (text !== undefined && text !== '' && !said.some((earlier) => earlier.includes(text))) said.push(text);
  }
  return said;
}

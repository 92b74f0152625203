const WORDS = 20;

/** What is looked for in bodies. */
export interface Words {
  readonly words: readonly string[];
  readonly noWords: readonly string[];
}

/** Reads `card "not found" -health`: words, words together, and words that are not there; so many of each at most. Pure. */
export function readWords(text: string): Words {
  const words: string[] = [];
  const noWords: string[] = [];
  for (const [, minus, quoted, plain] of text.matchAll(/(?:^|\s)(-?)(?:"([^"]*)"?|(\S+))/g)) {
    const word = quoted ?? plain ?? '';
    if (word !== '') (minus === '-' ? noWords : words).push(word);
    // A minus alone is a word like others.
    else if (minus === '-') words.push('-');
  }
  return { words: words.slice(0, WORDS), noWords: noWords.slice(0, WORDS) };
}

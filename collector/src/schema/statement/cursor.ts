import { identifierOf, isWord, type Token, tokenize } from './tokens.ts';

/** Walks over a statement's tokens; what is not as expected is an error that says where. */
export class Cursor {
  readonly sql: string;
  readonly #tokens: readonly Token[];
  #next = 0;

  constructor(sql: string) {
    this.sql = sql;
    this.#tokens = tokenize(sql);
  }

  peek(ahead = 0): Token | undefined {
    return this.#tokens[this.#next + ahead];
  }

  /** Takes these words if all of them come next. */
  takes(words: string): boolean {
    const list = words.split(' ');
    if (!list.every((word, index) => isWord(this.peek(index), word))) return false;
    this.#next += list.length;
    return true;
  }

  /** @throws Error when these words do not come next */
  expect(words: string): void {
    if (!this.takes(words)) throw this.problem(`expected ${words}`);
  }

  /** An unquoted or quoted name without a database. */
  identifier(what: string): { readonly name: string; readonly token: Token } {
    const token = this.peek();
    const name = identifierOf(token);
    if (!token || name === undefined || this.peek(1)?.text === '.') throw this.problem(`expected the name of ${what}`);
    this.#next += 1;
    return { name, token };
  }

  /** Takes a bracket with all that is inside. @returns the closing one */
  bracket(what: string): Token {
    const open = this.peek();
    if (open?.text !== '(') throw this.problem(`expected ( of ${what}`);
    const close = this.#tokens.findIndex((token, index) => index > this.#next && token.depth === open.depth);
    const token = this.#tokens[close];
    if (token?.text !== ')') throw this.problem(`expected a ) for the ( of ${what}`);
    this.#next = close + 1;
    return token;
  }

  /** The tokens that are left; nothing is left after that. */
  rest(): readonly Token[] {
    const rest = this.#tokens.slice(this.#next);
    this.#next = this.#tokens.length;
    return rest;
  }

  problem(expected: string): Error {
    const found = this.peek();
    const place = found ? this.sql.slice(found.start, found.start + 60).replaceAll(/\s+/g, ' ') : 'the end';
    return new Error(`${expected}, found: ${place}`);
  }
}

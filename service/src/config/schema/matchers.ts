/** A label matcher as Alertmanager has it. An absent label counts as the empty string. */
export interface Matcher {
  readonly name: string;
  readonly op: '=' | '!=' | '=~' | '!~';
  readonly value: string;
}

const SHAPE = /^\s*(?:"((?:[^"\\]|\\.)+)"|([^\s"=!~{},]+))\s*(=~|!~|!=|=)\s*(?:"((?:[^"\\]|\\.)*)"|([^"]*?))\s*$/;
const unescape = (quoted: string): string =>
  quoted.replace(/\\(.)/g, (_, char: string) => (char === 'n' ? '\n' : char));

/**
 * Reads one matcher: `severity="page"`, `service=~"web-.*"`, `team!=ops`.
 * Source: Alertmanager documentation, "Configuration", `<matcher>`.
 * @returns `undefined` where it is none, or its regular expression does not compile
 */
export function parseMatcher(source: string): Matcher | undefined {
  const match = SHAPE.exec(source);
  if (!match) return undefined;
  const name = match[1] === undefined ? (match[2] ?? '') : unescape(match[1]);
  const value = match[4] === undefined ? (match[5] ?? '') : unescape(match[4]);
  const op = match[3] as Matcher['op'];
  if (op === '=~' || op === '!~') {
    try {
      new RegExp(`^(?:${value})$`);
    } catch {
      return undefined;
    }
  }
  return { name, op, value };
}

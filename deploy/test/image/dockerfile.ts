/** An instruction of a Dockerfile, as `COPY --from=build /a /b`. */
export interface Instruction {
  readonly name: string;
  readonly flags: Readonly<Record<string, string>>;
  readonly text: string;
}

/** A stage: its instructions after `FROM`. */
export interface Stage {
  readonly base: string;
  readonly name: string | undefined;
  readonly instructions: readonly Instruction[];
}

/**
 * Reads a Dockerfile without heredocs and escape directives. Source: Dockerfile reference, "Format".
 * @returns the `ARG`s before the first stage, and the stages
 */
export function readDockerfile(source: string): {
  readonly args: readonly string[];
  readonly stages: readonly Stage[];
} {
  const args: string[] = [];
  const stages: { base: string; name: string | undefined; instructions: Instruction[] }[] = [];
  const lines = source.split('\n').filter((line) => !/^\s*(?:#|$)/.test(line));
  for (const line of lines
    .join('\n')
    .replaceAll(/\\\n\s*/g, '')
    .split('\n')) {
    const [, name = '', rest = ''] = /^(\S+)\s+(.*)$/.exec(line) ?? [];
    const [, flagText = '', text = ''] = /^((?:--\S+\s+)*)(.*)$/.exec(rest) ?? [];
    const flags = Object.fromEntries(
      flagText
        .split(/\s+/)
        .filter(Boolean)
        .map((flag) => flag.slice(2).split('=', 2) as [string, string]),
    );
    const from = /^(\S+)(?:\s+AS\s+(\S+))?$/i.exec(text);
    if (name === 'FROM') stages.push({ base: from?.[1] ?? '', name: from?.[2], instructions: [] });
    else if (stages.length === 0) args.push(text);
    else stages.at(-1)!.instructions.push({ name, flags, text });
  }
  return { args, stages };
}

/** Whether a path, from the root of the context, is left out by a `.dockerignore`: the last pattern that says something of it, or of a folder above, counts. */
export function isIgnored(path: string, patterns: readonly string[]): boolean {
  const parts = path.split('/');
  const places = parts.map((_, at) => parts.slice(0, at + 1).join('/'));
  let ignored = false;
  for (const line of patterns) {
    const pattern = line.replace(/^!/, '');
    const source = pattern
      .replaceAll(/[.+^${}()|[\]\\]/g, '\\$&')
      .replaceAll('**/', '\u0000')
      .replaceAll('*', '[^/]*')
      .replaceAll('\u0000', '(?:.*/)?');
    if (places.some((place) => new RegExp(`^${source}$`).test(place))) ignored = !line.startsWith('!');
  }
  return ignored;
}

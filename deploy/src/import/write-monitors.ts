import { ConfigError } from '@tocsin/service/config';
import { parseMonitors } from '@tocsin/service/monitor-text';
import { stringify } from 'yaml';
import { FileText, type Imported, type ImportedMonitor, type Setting, type Settings } from './imported.ts';

/** What came of an import. */
export interface Written {
  /** Our YAML; our own schema has accepted it. */
  readonly yaml: string;
  /** Monitors that are in force. */
  readonly count: number;
  /** Everything that was not translated, with the monitor it belongs to. */
  readonly notes: readonly string[];
}

interface Source {
  readonly tool: string;
  readonly file: string;
  /** The output's folder: files that monitors name are from there. */
  readonly folder: string;
  readonly env: Readonly<Record<string, string | undefined>>;
  /** The tool knows `${NAME}` as we do; of others it is text like any other. */
  readonly hasReferences: boolean;
}

/** Writes monitors as YAML. One that our schema refuses is written as a comment, with the reason. */
export function writeMonitors({ monitors, notes }: Imported, source: Source): Written {
  const names = new Map<string, number>();
  const judged = monitors.map((monitor) => {
    const settings = clean(writeTexts(monitor.settings, source.hasReferences)) as ImportedMonitor['settings'];
    return judge(named({ ...monitor, settings }, names), source);
  });
  const inForce = judged.filter(({ commentedBecause }) => commentedBecause === undefined);
  const all = [
    ...notes,
    ...judged.flatMap((monitor) => notesOf(monitor).map((note) => `${monitor.settings.name}: ${note}`)),
  ];
  const head = [
    `Made by: npx tocsin import ${source.tool} ${source.file}`,
    ...(notes.length > 0 ? ['Not translated:', ...notes.map((note) => `- ${note}`)] : []),
  ];
  const entries = judged.map(writeEntry).join('');
  const list = inForce.length > 0 ? `monitors:\n${entries}` : `monitors: []\n${entries}`;
  return { yaml: `${comment(head)}\n${list}`, count: inForce.length, notes: all };
}

function notesOf({ notes, commentedBecause }: ImportedMonitor): readonly string[] {
  return [...(commentedBecause === undefined ? [] : [`written as a comment: ${commentedBecause}`]), ...notes];
}

/** Names are unique with us. */
function named(monitor: ImportedMonitor, names: Map<string, number>): ImportedMonitor {
  const name = monitor.settings.name;
  const count = (names.get(name) ?? 0) + 1;
  names.set(name, count);
  if (count === 1) return monitor;
  const unique = `${name} (${count})`;
  names.set(unique, 1);
  return {
    ...monitor,
    settings: { ...monitor.settings, name: unique },
    notes: [...monitor.notes, `renamed: there is another ${JSON.stringify(name)}`],
  };
}

function judge(monitor: ImportedMonitor, { folder, env }: Source): ImportedMonitor {
  if (monitor.commentedBecause !== undefined) return monitor;
  const text = stringify({ monitors: [monitor.settings] });
  // What a reference stands for is known where it will run; here it only has to be something.
  const names = [...text.matchAll(/\$\{([A-Za-z_][A-Za-z0-9_]*)/g)].map(([, name = '']) => name);
  const filled = Object.fromEntries(names.map((name) => [name, env[name] ?? '1']));
  try {
    parseMonitors({ text, shown: 'monitor', env: filled, folder });
    return monitor;
  } catch (error) {
    if (!(error instanceof ConfigError)) throw error;
    const why = error.problems.map(
      ({ path, expected, found }) =>
        `${[path.replace(/^monitors\[0\]\.?/, ''), `expected ${expected}, found ${found}`].filter((part) => part !== '').join(': ')}`,
    );
    return { ...monitor, commentedBecause: `Tocsin does not take it (${why.join('; ')})` };
  }
}

/** Values as they are written: `$$` and `${` are text unless the tool has references, files are references in any case. */
function writeTexts(value: Setting, hasReferences: boolean): Setting {
  if (value instanceof FileText) return `${escapeDollars(value.prefix)}\${file:${value.path}}`;
  if (typeof value === 'string') return hasReferences ? value : escapeDollars(value);
  if (typeof value !== 'object') return value;
  if (Array.isArray(value)) return (value as readonly Setting[]).map((entry) => writeTexts(entry, hasReferences));
  return Object.fromEntries(
    Object.entries(value as Settings).map(([key, entry]) => [
      key,
      entry === undefined ? entry : writeTexts(entry, hasReferences),
    ]),
  );
}

function escapeDollars(text: string): string {
  return text.replace(/\$(?=[${])/g, '$$$$');
}

/** Without settings that are not there. */
function clean(value: Setting): Setting {
  if (Array.isArray(value)) return (value as readonly Setting[]).map(clean);
  if (typeof value !== 'object') return value;
  const cleaned = Object.entries(value as Settings).flatMap(([key, entry]) =>
    entry === undefined ? [] : [[key, clean(entry)] as const],
  );
  return Object.fromEntries(cleaned.filter(([, entry]) => !isEmpty(entry)));
}

function isEmpty(value: Setting): boolean {
  return typeof value === 'object' && Object.keys(value).length === 0;
}

function writeEntry(monitor: ImportedMonitor): string {
  const isComment = monitor.commentedBecause !== undefined;
  const yaml = stringify([monitor.settings], { lineWidth: 0 });
  const lines = isComment ? comment(yaml.trimEnd().split('\n')) : yaml;
  return indent(comment(notesOf(monitor).map((note) => `not translated: ${note}`)) + lines);
}

function comment(lines: readonly string[]): string {
  return lines.flatMap((line) => line.split(/\r?\n/)).map((line) => `# ${line}`.trimEnd() + '\n').join(''); // prettier-ignore
}

function indent(text: string): string {
  return text.replace(/^(?=.)/gm, '  ');
}

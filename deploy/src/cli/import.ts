import { readFileSync } from 'node:fs';
import { resolve } from 'node:path';
import { parseArgs } from 'node:util';
import { importBlackbox } from '../import/blackbox/blackbox.ts';
import { type ProbeTarget, readTargets } from '../import/blackbox/targets.ts';
import { importGatus } from '../import/gatus/gatus.ts';
import { type Imported, ImportError } from '../import/imported.ts';
import { readKumaDatabase } from '../import/uptime-kuma/database.ts';
import { importKuma } from '../import/uptime-kuma/uptime-kuma.ts';
import { writeMonitors } from '../import/write-monitors.ts';
import { EXIT } from './exit-codes.ts';

/** What the command needs of the process. */
export interface ImportHost {
  readonly stdout: { write(text: string): unknown };
  readonly stderr: { write(text: string): unknown };
  readonly env: Readonly<Record<string, string | undefined>>;
  cwd(): string;
}

interface Asked {
  readonly file: string;
  readonly targets: string | undefined;
}

type Read = (asked: Asked, folder: string) => Imported;

const TOOLS = {
  gatus: ({ file }, folder) => importGatus(readText(folder, file), file),
  blackbox({ file, targets }, folder) {
    const found: { targets: readonly ProbeTarget[]; notes: readonly string[] } =
      targets === undefined ? { targets: [], notes: [] } : readTargets(readText(folder, targets), targets);
    const imported = importBlackbox(readText(folder, file), file, found.targets);
    return { ...imported, notes: [...found.notes, ...imported.notes] };
  },
  'uptime-kuma': ({ file }, folder) => importKuma(readKumaDatabase(resolve(folder, file))),
} as const satisfies Record<string, Read>;

const USAGE = `Usage: npx tocsin import ${Object.keys(TOOLS).join('|')} FILE [--targets prometheus.yml (blackbox)]\n`;

/**
 * `import`: our YAML for the monitors of another tool, on standard output; on standard error, and as comments, what could not be translated.
 * @returns the exit code: 0 written, 2 bad usage or a file that is something else
 */
export function runImport(host: ImportHost, args: readonly string[]): number {
  const asked = readArguments(args);
  if (typeof asked === 'string') {
    host.stderr.write(`${asked}${USAGE}`);
    return EXIT.badConfiguration;
  }
  const { tool, file } = asked;
  const folder = host.cwd();
  try {
    const imported = TOOLS[tool](asked, folder);
    const hasReferences = tool === 'gatus';
    const { yaml, count, notes } = writeMonitors(imported, { tool, file, folder, env: host.env, hasReferences });
    host.stdout.write(yaml);
    host.stderr.write(
      `${notes.map((note) => `not translated: ${note}\n`).join('')}${count} monitors, ${notes.length} notes.\n`,
    );
    return EXIT.stopped;
  } catch (error) {
    if (!(error instanceof ImportError)) throw error;
    host.stderr.write(`${error.message}\n`);
    return EXIT.badConfiguration;
  }
}

function readArguments(args: readonly string[]): (Asked & { tool: keyof typeof TOOLS }) | string {
  const options = { targets: { type: 'string' } } as const;
  try {
    const { values, positionals } = parseArgs({ args: [...args], options, allowPositionals: true });
    const [tool, file, ...more] = positionals;
    if (tool === undefined || file === undefined || more.length > 0) return '';
    if (!isTool(tool)) return `Unknown tool ${JSON.stringify(tool)}.\n`;
    if (values.targets !== undefined && tool !== 'blackbox') return `--targets is for blackbox only.\n`;
    return { tool, file, targets: values.targets };
  } catch (error) {
    if (!(error instanceof TypeError)) throw error;
    return `${error.message}\n`;
  }
}

function isTool(name: string): name is keyof typeof TOOLS {
  return Object.hasOwn(TOOLS, name);
}

function readText(folder: string, path: string): string {
  try {
    return readFileSync(resolve(folder, path), 'utf8');
  } catch (error) {
    const code = error instanceof Error && 'code' in error ? String(error.code) : String(error);
    const found = code === 'ENOENT' ? 'no such file' : code === 'EISDIR' ? 'a folder' : code;
    throw new ImportError(`${path}: expected a file that can be read; found ${found}`, { cause: error });
  }
}

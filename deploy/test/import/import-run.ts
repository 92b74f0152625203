import { mkdtempSync, rmSync, writeFileSync } from 'node:fs';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, type Monitor } from '@tocsin/service/config';
import { onTestFinished } from 'vitest';
import { runImport } from '../../src/cli/import.ts';

/** A folder of the test's own. */
export function makeFolder(): string {
  const folder = mkdtempSync(join(tmpdir(), 'tocsin-import-'));
  onTestFinished(() => rmSync(folder, { recursive: true }));
  return folder;
}

/** What the command did. */
export interface ImportRun {
  readonly code: number;
  readonly yaml: string;
  readonly said: string;
}

/** Runs `npx tocsin import …` in a folder. */
export function importIn(folder: string, ...args: readonly string[]): ImportRun {
  let yaml = '';
  let said = '';
  const host = {
    stdout: { write: (text: string) => (yaml += text) },
    stderr: { write: (text: string) => (said += text) },
    env: {},
    cwd: () => folder,
  };
  const code = runImport(host, args);
  return { code, yaml, said };
}

/** Loads what was written as a start of Tocsin would. */
export async function loadWritten(folder: string, yaml: string, env = {}): Promise<Map<string, Monitor>> {
  writeFileSync(join(folder, 'tocsin.yaml'), yaml);
  const { monitors } = await loadConfig({ file: 'tocsin.yaml', env, workingDir: folder });
  return new Map(monitors.map((monitor) => [monitor.name, monitor]));
}

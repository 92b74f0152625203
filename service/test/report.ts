import { mkdir, mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { dirname, join } from 'node:path';
import { ConfigError, loadConfig } from '../src/config/index.ts';

/** Files of a configuration by their names; the first is `tocsin.yaml`, or whatever is loaded. */
export type ConfigFiles = Readonly<Record<string, string>>;

/**
 * Writes a configuration into a folder of its own and loads it. @returns the report's lines, none when it is good
 * @param files the text of `tocsin.yaml`, or several files
 */
export async function report(files: string | ConfigFiles, env: Record<string, string> = {}): Promise<string[]> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-config-'));
  const texts = typeof files === 'string' ? { 'tocsin.yaml': files } : files;
  try {
    for (const [name, text] of Object.entries(texts)) {
      await mkdir(dirname(join(folder, name)), { recursive: true });
      await writeFile(join(folder, name), text);
    }
    await loadConfig({ file: Object.keys(texts)[0], env, workingDir: folder });
    return [];
  } catch (error) {
    if (error instanceof ConfigError) return error.message.split('\n');
    throw error;
  } finally {
    await rm(folder, { recursive: true, force: true });
  }
}

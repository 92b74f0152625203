import { mkdtemp, rm, writeFile } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
import { loadConfig, type Monitor } from '@tocsin/service/config';

/** The monitor that the configuration makes of settings, as a user writes them; `%{NAME}` in them stands for `${NAME}` in the file. */
export async function configure(
  settings: Readonly<Record<string, unknown>>,
  env: Readonly<Record<string, string>> = {},
): Promise<Monitor> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-kind-'));
  try {
    const file = join(folder, 'tocsin.yaml');
    // JSON is YAML. A dollar sign is written twice there.
    await writeFile(
      file,
      JSON.stringify({ monitors: [{ name: 'shop', ...settings }] })
        .replaceAll('$', '$$$$')
        .replaceAll('%{', '${'),
    );
    const { monitors } = await loadConfig({ file, env, workingDir: folder });
    const [monitor] = monitors;
    if (monitor === undefined) throw new Error('expected a monitor');
    return monitor;
  } finally {
    await rm(folder, { recursive: true });
  }
}

import { mkdtemp, rm } from 'node:fs/promises';
import { tmpdir } from 'node:os';
import { join } from 'node:path';
export async function measureSlo(): Promise<void> {
  const folder = await mkdtemp(join(tmpdir(), 'tocsin-bench-'));
  await rm(folder, { recursive: true });
}

import { readdir, readFile } from 'node:fs/promises';
import { setTimeout as sleep } from 'node:timers/promises';

/** A process as the kernel shows it. Linux only, as the rest of this test. */
export interface FamilyMember {
  readonly pid: number;
  readonly command: string;
}

/** A process and all its descendants, by the kernel's table of parents. */
export async function familyOf(pid: number): Promise<FamilyMember[]> {
  const parents = new Map<number, number>();
  for (const entry of (await readdir('/proc')).filter((name) => /^\d+$/.test(name))) {
    const stat = await readFile(`/proc/${entry}/stat`, 'utf8').catch(() => '');
    const parent = /^\d+ \(.*\) \S (\d+)/s.exec(stat)?.[1];
    if (parent !== undefined) parents.set(Number(entry), Number(parent));
  }
  const family = [pid];
  for (const member of family) {
    for (const [child, parent] of parents) if (parent === member) family.push(child);
  }
  return Promise.all(family.map(async (member) => ({ pid: member, command: await commandOf(member) })));
}

/** Those that run with the text in their environment, zombies left out. */
export async function processesWithEnvironment(text: string): Promise<FamilyMember[]> {
  const found: FamilyMember[] = [];
  for (const pid of (await readdir('/proc')).filter((name) => /^\d+$/.test(name)).map(Number)) {
    const environment = await readFile(`/proc/${pid}/environ`, 'utf8').catch(() => '');
    if (environment.includes(text)) found.push({ pid, command: await commandOf(pid) });
  }
  return found;
}

/**
 * Kills them all with SIGKILL, as at one instant: each is stopped before the first one dies, so none can notice and put things in order.
 * Resolves when all are gone.
 */
export async function killAtOnce(family: readonly FamilyMember[]): Promise<void> {
  for (const signal of ['SIGSTOP', 'SIGKILL'] as const) for (const { pid } of family) send(pid, signal);
  while ((await Promise.all(family.map(({ pid }) => commandOf(pid)))).some((command) => command !== ''))
    await sleep(20);
}

function send(pid: number, signal: NodeJS.Signals): void {
  try {
    process.kill(pid, signal);
  } catch (error) {
    if (!(error instanceof Error && 'code' in error && error.code === 'ESRCH')) throw error;
  }
}

/** Empty for one that is gone, or dead and not yet waited for. */
async function commandOf(pid: number): Promise<string> {
  return (await readFile(`/proc/${pid}/cmdline`, 'utf8').catch(() => '')).replaceAll('\0', ' ').trim();
}

import { access } from 'node:fs/promises';
import { dirname } from 'node:path';
import { type Request, readArguments, USAGE } from './arguments.ts';
import { readLetter, readSegmentContents } from './contents.ts';
import { describeContents, describeLetter, describeSegment, formatBytes, formatList, toJson } from './words.ts';
import { type FoundLetter, type Inventory, takeInventory } from './inventory.ts';
import { removeLetter, replayLetter } from './replay.ts';

/** What the command needs of the process it runs in. */
export interface CommandHost {
  readonly env: Readonly<Record<string, string | undefined>>;
  readonly workingDir: string;
  readonly now: () => number;
  /** How long to wait for a collector that runs to take what was sent back. */
  readonly takenLimitMs: number;
  readonly print: (text: string) => void;
  readonly complain: (text: string) => void;
  /** Asks whoever sits at the terminal; `undefined` where nobody does. */
  readonly ask: ((question: string) => Promise<boolean>) | undefined;
}

const EXIT = { done: 0, failed: 1, misused: 2 } as const;
const TAKEN_LOOK_MS = 100;

/** `journal`: shows what is not in ClickHouse yet, and sends dead letters back or throws them away. @returns the exit code: 0, 1 failed, 2 misused */
export async function runJournalCommand(args: readonly string[], host: CommandHost): Promise<number> {
  const request = readArguments(args, host.env, host.workingDir);
  if (typeof request === 'string') {
    host.complain(`${request}\n${USAGE}`);
    return EXIT.misused;
  }
  const { directory } = request;
  if (!(await isThere(directory))) {
    host.complain(`There is no data of a collector in ${dirname(directory)}. Name the data folder with --data DIR.`);
    return EXIT.failed;
  }
  const inventory = await takeInventory(directory);
  switch (request.action) {
    case 'list':
      host.print(request.json ? toJson(inventory) : formatList(inventory, host.now()));
      return EXIT.done;
    case 'explain':
      return explain(request, inventory, host);
    case 'replay':
      return replay(request, inventory, host);
    case 'discard':
      return discard(request, inventory, host);
  }
}

async function explain({ ids, json }: Request, inventory: Inventory, host: CommandHost): Promise<number> {
  const [id = ''] = ids;
  const found = [...inventory.letters, ...inventory.segments].filter((one) => one.id.startsWith(id));
  const one = found.find((candidate) => candidate.id === id) ?? (found.length === 1 ? found[0] : undefined);
  if (!one) return complainOf(id, found.length, host);
  const contents = 'letter' in one ? await readLetter(one) : await readSegmentContents(one);
  const about = 'letter' in one ? describeLetter(one) : describeSegment(one, host.now());
  host.print(json ? toJson({ ...one, contents }) : [...about, ...describeContents(contents)].join('\n'));
  return EXIT.done;
}

async function replay(request: Request, inventory: Inventory, host: CommandHost): Promise<number> {
  const letters = choose(request, inventory, host);
  if (typeof letters === 'number') return letters;
  const results: Record<string, unknown>[] = [];
  const sent: string[] = [];
  let failures = 0;
  for (const found of letters) {
    const outcome = await replayLetter(request.directory, found, host.now());
    if (outcome.status === 'sent') sent.push(outcome.inbox);
    else failures += 1;
    results.push({ id: found.id, ...outcome });
    if (!request.json && outcome.status === 'failed') host.complain(`${found.id} stays: ${outcome.reason}.`);
  }
  const taken = await countTaken(sent, host.takenLimitMs);
  if (request.json) host.print(toJson({ results, taken }));
  else if (sent.length > 0) {
    const where =
      taken === sent.length
        ? 'The collector has taken them.'
        : 'No collector runs on this data, or it has not taken them yet: it will, at the latest when it starts.';
    host.print(`Sent back: ${sent.length} of ${letters.length}. ${where}`);
  } else if (letters.length === 0) host.print('There are no dead letters.');
  return failures > 0 ? EXIT.failed : EXIT.done;
}

/** Waits a moment for a collector that runs. @returns how many of the files have left the inbox */
async function countTaken(paths: readonly string[], limitMs: number): Promise<number> {
  for (let waitedMs = 0; ; waitedMs += TAKEN_LOOK_MS) {
    const there = await Promise.all(paths.map(isThere));
    const taken = there.filter((isLeft) => !isLeft).length;
    if (taken === paths.length || waitedMs >= limitMs) return taken;
    await new Promise((resolve) => void setTimeout(resolve, TAKEN_LOOK_MS));
  }
}

async function discard(request: Request, inventory: Inventory, host: CommandHost): Promise<number> {
  const letters = choose(request, inventory, host);
  if (typeof letters === 'number') return letters;
  const bytes = letters.reduce((sum, letter) => sum + letter.bytes, 0);
  const what = `${letters.length} dead ${letters.length === 1 ? 'letter' : 'letters'} (${formatBytes(bytes)})`;
  if (letters.length > 0 && !request.yes) {
    if (!host.ask) {
      host.complain(`This would delete ${what} for ever. Say --yes where nobody can be asked.`);
      return EXIT.misused;
    }
    if (!(await host.ask(`Delete ${what} for ever? [y/N] `))) {
      host.complain('Nothing was deleted.');
      return EXIT.failed;
    }
  }
  for (const { path, id } of letters) await removeLetter(dirname(path), id);
  host.print(request.json ? toJson({ discarded: letters.map(({ id }) => id) }) : `Deleted: ${what}.`);
  return EXIT.done;
}

/** The dead letters that are meant; a number is an exit code. */
function choose(
  request: Request,
  { letters, segments }: Inventory,
  host: CommandHost,
): readonly FoundLetter[] | number {
  if (request.all) return letters;
  const chosen: FoundLetter[] = [];
  for (const id of request.ids) {
    const found = letters.filter((letter) => letter.id.startsWith(id));
    const one = found.find((letter) => letter.id === id) ?? (found.length === 1 ? found[0] : undefined);
    if (one) chosen.push(one);
    else if (found.length === 0 && segments.some((segment) => segment.id.startsWith(id))) {
      host.complain(`${id} is a segment that waits to be loaded, no dead letter: it is loaded by itself.`);
      return EXIT.failed;
    } else return complainOf(id, found.length, host);
  }
  return [...new Set(chosen)];
}

function complainOf(id: string, matches: number, host: CommandHost): number {
  const what = matches === 0 ? 'Nothing here has the ID' : `${matches} have an ID that begins with`;
  host.complain(`${what} ${JSON.stringify(id)}. npx tocsin journal list shows all.`);
  return EXIT.failed;
}

function isThere(path: string): Promise<boolean> {
  return access(path).then(
    () => true,
    () => false,
  );
}

import type { Socket } from 'node:net';
import type { MonitorOf } from '@tocsin/service/config';
import { loadRe2 } from '@tocsin/service/late-libraries';
import type { RE2JS } from 're2js';
import { Conversation, type Reception } from '../../net/conversation.ts';
import { judgeExchangeFailure } from '../../net/failure.ts';
import { showBytes } from '../../net/starttls.ts';
import { ABORTED, judged, type Step } from '../../net/step.ts';
import { down, type Verdict } from '../../verdict.ts';
import type { Look } from '../look.ts';

type Turn = MonitorOf<'tcp'>['dialogue'][number];

/**
 * Sends and awaits by turns. Phase `dialogue`. A pattern is looked for in what has come since the match before; `^` and `$` stand at
 * the ends of lines. `{{1}}` or `{{name}}` in what is sent is a group of the latest match.
 * @returns `undefined` where every turn went as expected
 */
export async function holdDialogue(
  socket: Socket,
  turns: readonly Turn[],
  target: string,
  look: Look,
): Promise<Step<Verdict> | undefined> {
  look.recorder.begin('dialogue', 0);
  const talk = new Conversation(socket, look.signal);
  let groups: ReadonlyMap<string, string> = new Map();
  try {
    for (const [index, { send, expect }] of turns.entries()) {
      if (send !== undefined) talk.send(fillIn(send, groups));
      if (expect === undefined) continue;
      // Byte by byte as Latin-1, so that an index in the text is one in the bytes; groups are read as UTF-8.
      const { RE2JS } = loadRe2();
      const pattern = RE2JS.compile(Buffer.from(expect).toString('latin1'), RE2JS.MULTILINE);
      const reception = await talk.receive((received) => findMatch(pattern, received));
      if (reception.status === 'found') {
        groups = reception.value;
        continue;
      }
      look.evidence['received'] = reception.received.toString('utf8');
      return judgeReception(reception, `turn ${index + 1} of ${target} to match ${JSON.stringify(expect)}`, target);
    }
    look.recorder.end();
    return undefined;
  } finally {
    talk.release();
  }
}

function fillIn(text: string, groups: ReadonlyMap<string, string>): string {
  return text.replace(/\{\{\s*(\w+)\s*\}\}/g, (whole, name: string) => groups.get(name) ?? whole);
}

function findMatch(
  pattern: RE2JS,
  received: Buffer,
): { value: ReadonlyMap<string, string>; takenBytes: number } | undefined {
  const matcher = pattern.matcher(received.toString('latin1'));
  if (!matcher.find()) return undefined;
  const groups = new Map<string, string>();
  const names = [...Array(pattern.groupCount() + 1).keys(), ...Object.keys(pattern.namedGroups())];
  for (const name of names) {
    const text = matcher.group(name);
    if (text !== null) groups.set(String(name), Buffer.from(text, 'latin1').toString('utf8'));
  }
  return { value: groups, takenBytes: matcher.end() };
}

function judgeReception(
  reception: Exclude<Reception<unknown>, { status: 'found' }>,
  wanted: string,
  target: string,
): Step<Verdict> {
  const found = reception.received.length === 0 ? 'nothing' : showBytes(reception.received);
  switch (reception.status) {
    case 'aborted':
      // Something came, but not what was awaited: that says more than the time.
      if (reception.received.length === 0) return ABORTED;
      return judged(down('dialogue_mismatch', `expected ${wanted}, found ${found} until the time was up`));
    case 'overflow':
      return judged(down('dialogue_mismatch', `expected ${wanted}, found no match in the first 64 KiB: ${found}`));
    case 'closed':
      if (reception.received.length === 0) {
        return judged(down('connection_closed', `expected ${wanted}, found the connection closed`));
      }
      return judged(down('dialogue_mismatch', `expected ${wanted}, found ${found} and the connection closed`));
    case 'failed':
      return judged(judgeExchangeFailure(target, 'request', reception.code));
  }
}

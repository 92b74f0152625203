import { type MessagePort, parentPort } from 'node:worker_threads';
import { judgeJson, type JsonQuestion } from './judge-json.ts';

/** What the thread is asked. */
export interface JsonJob {
  readonly text: string;
  readonly question: JsonQuestion;
}

function serve(port: MessagePort): void {
  port.on('message', ({ text, question }: JsonJob) => port.postMessage(judgeJson(text, question)));
}

if (parentPort) serve(parentPort);

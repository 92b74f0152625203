import type { ChannelHttp } from '@tocsin/service/config';
import type { ChartPicture } from '../chart/chart.ts';
import { createHttpSender, type HttpAnswer, type HttpCall, type HttpOutcome } from '../http/http-sender.ts';
import { judgeStatus, quote, readObject } from '../http/judge-answer.ts';

/** Puts pictures below messages. */
export interface SlackFiles {
  /** @returns what went wrong, in words; a message is not lost by it */
  upload(picture: ChartPicture, place: SlackPlace, call: ApiCall, signal: AbortSignal): Promise<string | undefined>;
  close(): Promise<void>;
}

/** A message: what is uploaded joins its thread. */
export interface SlackPlace {
  readonly channel: string;
  readonly ts: string;
}

/** Calls a method of the Web API with the bot's token. */
export type ApiCall = (method: string, call: Omit<HttpCall, 'url'>, signal: AbortSignal) => Promise<HttpOutcome>;

const FILE = 'chart.png';
/** The token will not do: it is not asked again until the configuration is read anew. */
const HOPELESS = new Set(['missing_scope', 'not_allowed_token_type', 'no_permission', 'unknown_method']);

/**
 * Uploads in three steps: where to, the bytes, where it belongs. Source: Slack API documentation, "files.getUploadURLExternal",
 * "files.completeUploadExternal". The address that the first step names is given neither token nor login.
 */
export function createSlackFiles(http: ChannelHttp): SlackFiles {
  const plain = createHttpSender({ ...http, authorization: undefined, headers: {} });
  let isHopeless = false;
  return {
    async upload({ png, description }, { channel, ts }, call, signal) {
      if (isHopeless) return undefined;
      const asked = await call(
        'files.getUploadURLExternal',
        formOf({ filename: FILE, length: String(png.length), alt_txt: description }),
        signal,
      );
      const place = readOk(asked);
      if (typeof place === 'string') return tell('it may not be uploaded', place);
      const { upload_url: url, file_id: id } = place;
      const target = typeof url === 'string' ? URL.parse(url) : null;
      if (!target || !/^https?:$/.test(target.protocol) || typeof id !== 'string')
        return 'The message was posted, its chart was not: Slack named no place for it.';
      const sent = await plain.send({ url: target.href, headers: { 'content-type': 'image/png' }, body: png }, signal);
      const taken = sent.status === 'answered' ? judgeStatus(sent.answer, Date.now()) : sent;
      if (taken.status !== 'ok') return `The message was posted, its chart was not: ${taken.detail}`;
      const files = JSON.stringify([{ id, title: description }]);
      const done = readOk(
        await call('files.completeUploadExternal', formOf({ files, channel_id: channel, thread_ts: ts }), signal),
      );
      return typeof done === 'string' ? tell('it was uploaded in vain', done) : undefined;
    },
    close: () => plain.close(),
  };

  function tell(what: string, error: string): string {
    const word = /"error":\s*"(\w+)"/.exec(error)?.[1] ?? '';
    isHopeless = HOPELESS.has(word);
    const hint = word === 'missing_scope' ? ' (the bot needs the scope files:write)' : '';
    return `The message was posted, its chart was not: ${what}: ${error}${hint}`;
  }
}

function formOf(fields: Readonly<Record<string, string>>): Omit<HttpCall, 'url'> {
  return {
    headers: { 'content-type': 'application/x-www-form-urlencoded' },
    body: new URLSearchParams(fields).toString(),
  };
}

/** The answer, or what is wrong with it. */
function readOk(outcome: HttpOutcome): Readonly<Record<string, unknown>> | string {
  if (outcome.status !== 'answered') return outcome.detail;
  return isOk(outcome.answer) ? readObject(outcome.answer) : quote(outcome.answer);
}

const isOk = (answer: HttpAnswer): boolean => answer.statusCode === 200 && readObject(answer)['ok'] === true;

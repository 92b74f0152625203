import type { ConnectionSettings } from '@tocsin/service/config';
import { VERSION } from '@tocsin/service/version';
import type { DialOptions } from '../../net/dial.ts';
import { done, judged, type Step } from '../../net/step.ts';
import type { Verdict } from '../../verdict.ts';
import { readBodyText } from '../http/body.ts';
import { visitOnce } from '../http/visit.ts';
import { tlsContextsOf } from '../target-tls.ts';

/** An answer over HTTP, after redirects. */
export interface RdapAnswer {
  readonly statusCode: number;
  readonly text: string;
  readonly retryAfter: string | undefined;
  readonly contentType: string;
  /** Who answered, after redirects. */
  readonly url: URL;
}

export interface AskOptions extends DialOptions {
  readonly connection: ConnectionSettings;
  readonly traceparent?: string;
  /** Why a server is not to be asked now; looked at before each stop. */
  readonly refuse?: (url: URL) => Verdict | undefined;
}

const MAX_BODY_BYTES = 2 * 2 ** 20;
const MOST_REDIRECTS = 3;
const REDIRECTS = new Set([301, 302, 303, 307, 308]);

/** Asks with GET and follows redirects to http(s), at most three. Source: RFC 7480, sections 4.2 and 5. */
export async function askRdap(start: URL, options: AskOptions): Promise<Step<RdapAnswer>> {
  const { traceparent, refuse } = options;
  const contexts = tlsContextsOf(options.network);
  const headers = {
    'user-agent': `Tocsin/${VERSION}`,
    accept: 'application/rdap+json, application/json',
    ...(traceparent === undefined ? {} : { traceparent }),
  };
  let url = start;
  for (let redirects = 0; ; redirects += 1) {
    const refused = refuse?.(url);
    if (refused) return judged(refused);
    const request = { url, method: 'GET', headers, body: undefined };
    const wantsBody = (): boolean => true;
    const { step } = await visitOnce({ ...options, contexts, request, maxBodyBytes: MAX_BODY_BYTES, wantsBody });
    if (step.status !== 'done') return step;
    const { statusCode, headers: answered } = step.value;
    const to = REDIRECTS.has(statusCode) ? URL.parse(answered.location ?? '', url) : null;
    if (to && /^https?:$/.test(to.protocol) && redirects < MOST_REDIRECTS) {
      url = to;
      continue;
    }
    const body = await readBodyText(step.value, { maxBodyBytes: MAX_BODY_BYTES, decompress: true });
    const text = body.status === 'text' ? body.text : '';
    const contentType = answered['content-type'] ?? '';
    return done({ statusCode, text, retryAfter: answered['retry-after'], contentType, url });
  }
}

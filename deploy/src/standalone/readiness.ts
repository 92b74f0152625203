import { once } from 'node:events';
import { get as httpGet, type IncomingMessage } from 'node:http';
import { get as httpsGet } from 'node:https';
import { text } from 'node:stream/consumers';
import { setTimeout as sleep } from 'node:timers/promises';
import type { Endpoints } from './launcher.ts';

const ASK_EVERY_MS = 100;

/**
 * Asks `GET /readyz` of every HTTP endpoint until all say yes, or until the limit.
 * @returns `setting: reasons` for each that did not
 */
export async function waitUntilReady(endpoints: Endpoints, limitMs: number): Promise<readonly string[]> {
  const urls = Object.entries(endpoints).filter(([name]) => name.endsWith('.http'));
  const signal = AbortSignal.timeout(limitMs);
  const answers = await Promise.all(urls.map(([name, url]) => waitForOne(name, url, signal)));
  return answers.filter((answer) => answer !== undefined);
}

/**
 * Asks one address of a health page, once.
 * @returns `undefined` where it says yes, otherwise `url: why not`
 */
export async function askHealth(url: string, signal: AbortSignal): Promise<string | undefined> {
  try {
    const { statusCode, body } = await ask(url, signal);
    return statusCode === 200 ? undefined : `${url}: ${statusCode}, ${reasonsIn(body)}`;
  } catch (error) {
    // Whatever keeps it from answering is what was asked.
    return `${url}: ${signal.aborted ? 'no answer in time' : error instanceof Error ? error.message : String(error)}`;
  }
}

async function waitForOne(name: string, url: string, signal: AbortSignal): Promise<string | undefined> {
  let last = 'no answer';
  while (!signal.aborted) {
    try {
      const { statusCode, body } = await ask(`${url}/readyz`, signal);
      if (statusCode === 200) return undefined;
      last = reasonsIn(body);
      await sleep(ASK_EVERY_MS, undefined, { signal });
    } catch (error) {
      // Refused or cut off: it is not ready, and that is what this is about. The loop ends with the limit.
      if (!signal.aborted) last = error instanceof Error ? error.message : String(error);
      await sleep(ASK_EVERY_MS);
    }
  }
  return `${name}: ${last}`;
}

/** The certificate of a listener that speaks TLS is for another name than the address by which this machine reaches it. */
async function ask(url: string, signal: AbortSignal): Promise<{ statusCode: number | undefined; body: string }> {
  const asked = url.startsWith('https:')
    ? httpsGet(url, { signal, agent: false, rejectUnauthorized: false })
    : httpGet(url, { signal, agent: false });
  const [response] = (await once(asked, 'response')) as [IncomingMessage];
  return { statusCode: response.statusCode, body: await text(response) };
}

function reasonsIn(body: string): string {
  try {
    const { reasons } = JSON.parse(body) as { reasons?: unknown };
    return Array.isArray(reasons) ? reasons.join('; ') : body;
  } catch (error) {
    if (error instanceof SyntaxError) return body.slice(0, 200);
    throw error;
  }
}

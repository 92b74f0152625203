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

async function waitForOne(name: string, url: string, signal: AbortSignal): Promise<string | undefined> {
  let last = 'no answer';
  while (!signal.aborted) {
    try {
      const response = await fetch(`${url}/readyz`, { signal });
      const text = await response.text();
      if (response.ok) return undefined;
      last = reasonsIn(text);
      await sleep(ASK_EVERY_MS, undefined, { signal });
    } catch (error) {
      // Refused or cut off: it is not ready, and that is what this is about. The loop ends with the limit.
      if (!signal.aborted) last = error instanceof Error ? error.message : String(error);
      await sleep(ASK_EVERY_MS);
    }
  }
  return `${name}: ${last}`;
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

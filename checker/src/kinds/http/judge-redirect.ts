import { describeUrl } from '@tocsin/service/config';
import { down, type Verdict } from '../../verdict.ts';
import type { Answer } from './exchange.ts';
import { readLocation, type RedirectDecision, type RedirectPolicy } from './redirect.ts';
import type { HttpRequest } from './request.ts';
import { targetOf } from './visit.ts';

/** Why a redirect was not followed. */
export function judgeRedirect(
  { url }: HttpRequest,
  { headers, statusCode }: Answer,
  { max }: RedirectPolicy,
  reason: (RedirectDecision & { action: 'refuse' })['reason'],
): Verdict {
  const to = URL.parse(readLocation(headers.location ?? ''), url);
  switch (reason) {
    case 'redirect_limit':
      return down(reason, `expected at most ${max} redirects, found a further one at ${describeUrl(url)}`);
    case 'redirect_forbidden': {
      const shown = to ? describeUrl(to) : 'nowhere';
      return down(reason, `expected no redirect of ${targetOf(url)}, found a ${statusCode} to ${shown}`);
    }
    default: {
      const scheme = /^([a-z][a-z0-9+.-]*):/i.exec(headers.location ?? '')?.[1];
      const found =
        scheme === undefined || /^https?$/i.test(scheme) ? 'a Location that is not a URL' : `a ${scheme}: URL`;
      return down(reason, `expected the ${statusCode} of ${targetOf(url)} to lead to an http(s) URL, found ${found}`);
    }
  }
}

import type { ResolvedAddress } from '../resolve.ts';
import type { ResolvConf } from './resolv-conf.ts';

/** Asks for the records of one type; rejects with an error whose `code` is c-ares'. */
export interface Asking {
  resolve4(name: string): Promise<readonly string[]>;
  resolve6(name: string): Promise<readonly string[]>;
}

type Asked =
  | { readonly status: 'found'; readonly addresses: readonly ResolvedAddress[] }
  | { readonly status: 'failed'; readonly code: string };

/** The name has no records, or none of the type; c-ares calls a name that cannot be one `EBADNAME`. */
const ABSENT = new Set(['ENOTFOUND', 'ENODATA', 'EBADNAME']);

/** The names that stand for a name, in the order in which they are asked for. Source: resolv.conf(5), `search` and `ndots`. */
export function candidatesOf(name: string, { search, ndots }: Pick<ResolvConf, 'search' | 'ndots'>): readonly string[] {
  if (name.endsWith('.')) return [name.slice(0, -1)];
  const searched = search.map((domain) => `${name}.${domain}`);
  const dots = name.split('.').length - 1;
  return dots >= ndots ? [name, ...searched] : [...searched, name];
}

/**
 * Finds the addresses of a name in the DNS, of both families. What one family is in trouble with does not matter where the other has
 * addresses, unless it is the only one that is wanted.
 * @throws an error with the code `ENOTFOUND`, `ENODATA`, or of the trouble
 */
export async function askDns(
  name: string,
  asking: Asking,
  conf: ResolvConf,
  wanted: 4 | 6 | undefined,
): Promise<readonly ResolvedAddress[]> {
  let trouble: string | undefined;
  let absent: string | undefined;
  for (const candidate of candidatesOf(name, conf)) {
    const [four, six] = await Promise.all([
      ask(candidate, 4, asking),
      conf.asksForIPv6 ? ask(candidate, 6, asking) : ({ status: 'failed', code: 'ENODATA' } as const),
    ]);
    const found = [four, six].flatMap((asked) => (asked.status === 'found' ? asked.addresses : []));
    const codes = [four, six].flatMap((asked) => (asked.status === 'failed' ? [asked.code] : []));
    const ofWanted = wanted === 6 ? six : four;
    const isInTrouble = wanted !== undefined && ofWanted.status === 'failed' && !ABSENT.has(ofWanted.code);
    if (found.length > 0 && !isInTrouble) return found;
    trouble ??= codes.find((code) => !ABSENT.has(code));
    // A server that does not answer does not answer to the next name either; one that fails for this one may (`ESERVFAIL`).
    if (trouble !== undefined && trouble !== 'ESERVFAIL') break;
    absent = codes.includes('ENODATA') ? 'ENODATA' : (absent ?? 'ENOTFOUND');
  }
  const code = trouble ?? absent ?? 'ENOTFOUND';
  throw Object.assign(new Error(`${name} could not be looked up: ${code}`), { code });
}

async function ask(name: string, family: 4 | 6, asking: Asking): Promise<Asked> {
  try {
    const found = await (family === 4 ? asking.resolve4(name) : asking.resolve6(name));
    return { status: 'found', addresses: found.map((address) => ({ address, family })) };
  } catch (error) {
    if (!(error instanceof Error && 'code' in error)) throw error;
    return { status: 'failed', code: String(error.code) };
  }
}

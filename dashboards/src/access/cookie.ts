/** A prefix by which browsers take the cookie over HTTPS and for this host only (RFC 6265bis, section 4.1.3.2). */
const nameOf = (isHttps: boolean): string => (isHttps ? '__Host-tocsin-session' : 'tocsin-session');

/** The session's token of a `Cookie` header. */
export function readCookie(header: string | undefined, isHttps: boolean): string | undefined {
  const name = nameOf(isHttps);
  for (const pair of header?.split(';') ?? []) {
    const [key = '', value = ''] = pair.trim().split('=', 2);
    if (key === name && value !== '') return value;
  }
  return undefined;
}

/**
 * The `Set-Cookie` header of a session: no script reads it, and no request of another site's page carries it, but a link that is followed
 * from a message does (`Lax`).
 */
export function writeCookie(
  token: string,
  { isHttps, ageMs }: { readonly isHttps: boolean; readonly ageMs: number },
): string {
  const parts = [
    `${nameOf(isHttps)}=${token}`,
    'Path=/',
    'HttpOnly',
    'SameSite=Lax',
    `Max-Age=${Math.floor(ageMs / 1_000)}`,
  ];
  return [...parts, ...(isHttps ? ['Secure'] : [])].join('; ');
}

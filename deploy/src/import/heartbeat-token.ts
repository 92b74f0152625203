import { hash } from 'node:crypto';

/** A heartbeat's token with us. */
const TOKEN = /^[A-Za-z0-9_-]{16,128}$/;

/** A token of another tool, or where it will not do one made from it, and what is to be said of that. */
export function makeToken(given: string): { readonly token: string; readonly note: readonly string[] } {
  if (TOKEN.test(given) || given.includes('${')) return { token: given, note: [] };
  const token = hash('sha256', given).slice(0, 32);
  return { token, note: [`the token is too short; ${token} stands for it`] };
}

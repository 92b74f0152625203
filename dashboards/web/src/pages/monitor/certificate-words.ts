import { formatAge } from '../../../../src/html/format.ts';

/** Less than this before its end a certificate is in danger: the shipped rule pages then (`CertificateExpiring`). */
const SOON_MS = 14 * 86_400_000;

/** How far away the end of a certificate is, in words. Pure. */
export function wordsOfEnd(endMs: number, nowMs: number): { readonly words: string; readonly isBad: boolean } {
  const leftMs = endMs - nowMs;
  return leftMs <= 0
    ? { words: `ended ${formatAge(-leftMs)} ago`, isBad: true }
    : { words: `in ${formatAge(leftMs)}`, isBad: leftMs < SOON_MS };
}

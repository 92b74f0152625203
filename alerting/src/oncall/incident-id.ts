import { randomInt } from 'node:crypto';

/** Without vowels and what looks alike: easy to read out, and no words. */
const ALPHABET = '23456789bcdfghjkmnpqrstvwxz';
const LENGTH = 8;

/** A new id that people can read to each other, as `k3v9x2bb`. @param isTaken asked for each candidate */
export function newIncidentId(isTaken: (id: string) => boolean): string {
  for (;;) {
    const id = Array.from({ length: LENGTH }, () => ALPHABET[randomInt(ALPHABET.length)] ?? '').join('');
    if (!isTaken(id)) return id;
  }
}

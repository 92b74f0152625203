import type { ValueTest } from '@tocsin/service/config';
import { cutText } from '../secrets/hide-secrets.ts';
import { findsPattern, SEARCHED_CHARACTERS } from './pattern.ts';

/** This many characters of a text are shown when it is not the expected one. */
const SHOWN_CHARACTERS = 120;

/** What a value must do, to be read after its name: `to contain "ok"`. */
export function describeTest(test: ValueTest): string {
  const not = 'negated' in test && test.negated ? 'not ' : '';
  switch (test.operator) {
    case 'equals':
      return `${not}to be ${JSON.stringify(test.value)}`;
    case 'contains':
      return `${not}to contain ${JSON.stringify(test.value)}`;
    case 'matches':
      return `${not}to match ${JSON.stringify(test.value)}`;
    case 'less_than':
      return `to be less than ${test.value}`;
    case 'greater_than':
      return `to be greater than ${test.value}`;
    default:
      return `${not}to be there`;
  }
}

/**
 * Whether a value is as expected. Without a value only an expectation that it is absent holds, or one that begins with "not".
 * Numbers are compared as numbers where both sides are.
 */
export function meetsTest(test: ValueTest, found: string | undefined): boolean {
  switch (test.operator) {
    case 'exists':
      return (found !== undefined) !== test.negated;
    case 'less_than':
      return found !== undefined && isNumber(found) && Number(found) < test.value;
    case 'greater_than':
      return found !== undefined && isNumber(found) && Number(found) > test.value;
    case 'equals':
      return (found !== undefined && isSame(found, test.value)) !== test.negated;
    case 'contains':
      return (found !== undefined && found.includes(test.value)) !== test.negated;
    default:
      return (found !== undefined && findsPattern(test.value, found)) !== test.negated;
  }
}

/**
 * Whether a test that a value meets says something of all of it, and not all was looked at: what must not be there may be in the rest.
 * @param isCut whether the value is the beginning of a longer one
 */
export function isSeenInPart(test: ValueTest, found: string, isCut = false): boolean {
  if (test.operator === 'matches') return test.negated && (isCut || found.length > SEARCHED_CHARACTERS);
  return isCut && test.operator === 'contains' && test.negated;
}

/**
 * The beginning of a text in quotes, on one line.
 * @param hide blacks secrets out, before the text is cut
 */
export function showText(text: string, hide: (text: string) => string): string {
  const start = hide(cutText(text, 8 * SHOWN_CHARACTERS))
    .replace(/\s+/g, ' ')
    .trim();
  const isWhole = start.length <= SHOWN_CHARACTERS;
  return JSON.stringify(`${start.slice(0, SHOWN_CHARACTERS).toWellFormed()}${isWhole ? '' : '…'}`);
}

/** As `4 MiB` or `17 KiB`. */
export function showSize(sizeBytes: number): string {
  return sizeBytes % 2 ** 20 === 0 ? `${sizeBytes / 2 ** 20} MiB` : `${Math.ceil(sizeBytes / 1_024)} KiB`;
}

/** A value of JSON as text: what a test compares. */
export function textOf(value: unknown): string {
  return typeof value === 'string' ? value : (JSON.stringify(value) ?? 'null');
}

function isSame(found: string, wanted: string): boolean {
  return found === wanted || (isNumber(found) && isNumber(wanted) && Number(found) === Number(wanted));
}

function isNumber(text: string): boolean {
  return /^\s*[+-]?(?:\d+\.?\d*|\.\d+)(?:e[+-]?\d+)?\s*$/i.test(text);
}

import type { AttributeMap } from './attributes.ts';
import { cutText, hideSecrets } from './secrets/hide-secrets.ts';

/**
 * What the target said, for whoever asks why: first bytes of the body, the headers that matter, a banner, an answer. Names are
 * lower case with dots (`body`, `header.content-type`, `banner`); on the root span they are `tocsin.probe.evidence.<name>`.
 */
export type Evidence = Readonly<Record<string, string>>;

/** Of each text this much is kept. */
const LONGEST_TEXT = 512;
/** At most this many texts. */
const MOST_TEXTS = 16;
/** More than this of a text is never looked at: secrets are blacked out before it is cut. */
const LOOKED_AT = 8 * LONGEST_TEXT;

/** Evidence fit to leave the checker: secrets blacked out, control characters shown as dots, cut to size; empty texts are left out. */
export function collectEvidence(
  texts: Readonly<Record<string, string | undefined>>,
  secrets: Iterable<string>,
): Evidence {
  const kept: [string, string][] = [];
  for (const [name, text] of Object.entries(texts)) {
    if (text === undefined || text === '' || kept.length === MOST_TEXTS) continue;
    kept.push([name, clip(hideSecrets(cutText(text, LOOKED_AT), secrets))]);
  }
  return Object.fromEntries(kept);
}

/** Evidence as attributes of the root span. */
export function describeEvidence(evidence: Evidence): AttributeMap {
  return Object.fromEntries(Object.entries(evidence).map(([name, text]) => [`tocsin.probe.evidence.${name}`, text]));
}

function clip(text: string): string {
  // Whatever is neither printable nor white space would only garble a terminal or a page.
  const readable = text.toWellFormed().replace(/[^\P{C}\s]/gu, '·');
  return readable.length > LONGEST_TEXT ? `${readable.slice(0, LONGEST_TEXT).toWellFormed()}…` : readable;
}

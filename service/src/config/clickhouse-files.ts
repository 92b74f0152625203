import { createPrivateKey, X509Certificate } from 'node:crypto';
import { resolve } from 'node:path';
import type { z } from 'zod';
import type { SourceDocument } from './document.ts';
import type { Problem } from './problem.ts';
import type { clickhouse } from './schema/clickhouse.ts';
import { readSourceText } from './source-files.ts';

type Section = z.output<typeof clickhouse>;

/** What secures the connection to ClickHouse: the text of PEM files, not their names. */
export interface ClickHouseTls {
  readonly ca: string | undefined;
  /** The client's certificate, always with its key. */
  readonly cert: string | undefined;
  readonly key: string | undefined;
  /** Nothing is checked: whoever answers is believed. */
  readonly insecureSkipVerify: boolean;
}

/** The section `clickhouse` with the content of the files it names. */
export type ClickHouseConfig = Omit<Section, 'passwordFile' | 'tls'> & { readonly tls: ClickHouseTls | undefined };

/** The section and what is wrong with its files. */
export interface ReadSection {
  readonly clickhouse: ClickHouseConfig;
  readonly problems: readonly Problem[];
}

/** Reads the files that the section `clickhouse` names, from `folder`. */
export async function readClickHouseFiles(
  section: Section,
  source: SourceDocument,
  folder: string,
): Promise<ReadSection> {
  const problems: Problem[] = [];
  const read = async (path: readonly string[], file: string | undefined): Promise<string | undefined> => {
    if (file === undefined) return undefined;
    const content = await readSourceText(resolve(folder, file));
    const at = ['clickhouse', ...path];
    const { expected, isRight } = CONTENTS[path.at(-1) as keyof typeof CONTENTS];
    if (content.status === 'ok' && isRight(content.text)) return content.text;
    // What the file holds is nobody's business here.
    const wrong = content.status === 'failed' ? content : { expected, found: 'something else in the file' };
    const line = source.lineOf(at);
    problems.push({ file: source.file, line, path: at.join('.'), expected: wrong.expected, found: wrong.found });
    return undefined;
  };
  const { passwordFile, tls, ...rest } = section;
  const password = await read(['password_file'], passwordFile);
  const files = tls && {
    ca: await read(['tls', 'ca_file'], tls.caFile),
    cert: await read(['tls', 'cert_file'], tls.certFile),
    key: await read(['tls', 'key_file'], tls.keyFile),
    insecureSkipVerify: tls.insecureSkipVerify,
  };
  // An editor ends the last line; a password does not end with a line break.
  const clickhouse = { ...rest, password: password?.replace(/\r?\n$/, '') ?? rest.password, tls: files };
  return { clickhouse, problems };
}

const certificate = {
  expected: 'a certificate in PEM',
  isRight: (text: string) => canBeRead(() => new X509Certificate(text)),
};

const CONTENTS = {
  password_file: { expected: 'a file with the password', isRight: (text: string) => text.trim() !== '' },
  ca_file: certificate,
  cert_file: certificate,
  key_file: {
    expected: 'a private key in PEM without a passphrase',
    isRight: (text: string) => canBeRead(() => createPrivateKey(text)),
  },
};

function canBeRead(parse: () => unknown): boolean {
  try {
    parse();
    return true;
  } catch {
    return false;
  }
}

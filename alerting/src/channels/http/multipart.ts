import { randomUUID } from 'node:crypto';
import type { HttpCall } from './http-sender.ts';

/** A field of a form: text, or text of a kind of its own. */
export type FormField = string | { readonly contentType: string; readonly text: string };

/** A file of a form. */
export interface FormFile {
  readonly field: string;
  readonly name: string;
  readonly contentType: string;
  readonly bytes: Uint8Array;
}

/** A form with a file. Names are ours: they need no escaping. Source: RFC 7578. */
export function multipartCall(
  url: string,
  fields: Readonly<Record<string, FormField>>,
  { field, name, contentType, bytes }: FormFile,
): HttpCall {
  const boundary = `tocsin-${randomUUID()}`;
  const part = (headers: string): string => `--${boundary}\r\nContent-Disposition: form-data; ${headers}\r\n\r\n`;
  const texts = Object.entries(fields).map(([key, value]) =>
    typeof value === 'string'
      ? `${part(`name="${key}"`)}${value}\r\n`
      : `${part(`name="${key}"\r\nContent-Type: ${value.contentType}`)}${value.text}\r\n`,
  );
  const body = Buffer.concat([
    Buffer.from(`${texts.join('')}${part(`name="${field}"; filename="${name}"\r\nContent-Type: ${contentType}`)}`),
    bytes,
    Buffer.from(`\r\n--${boundary}--\r\n`),
  ]);
  return { url, headers: { 'content-type': `multipart/form-data; boundary=${boundary}` }, body };
}

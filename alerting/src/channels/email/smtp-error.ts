import type { DeliveryReason, DeliveryResult } from '../channel.ts';
import { shorten } from '../content.ts';

/** What nodemailer puts on its errors. */
interface SmtpFailure {
  readonly code: string | undefined;
  readonly originalCode: string | undefined;
  readonly responseCode: number | undefined;
  readonly response: string | undefined;
  readonly command: string | undefined;
}

const REASONS: Readonly<Record<string, DeliveryReason>> = {
  ETIMEDOUT: 'timeout',
  ETLS: 'tls_failed',
  EREQUIRETLS: 'tls_failed',
  EAUTH: 'authentication_failed',
  ENOAUTH: 'authentication_failed',
};

/** Certificate errors keep Node's own codes, as `CERT_HAS_EXPIRED` or `DEPTH_ZERO_SELF_SIGNED_CERT`. */
const TLS_CODE = /CERT|TLS|SSL|SELF_SIGNED|ISSUER/;

/**
 * Judges what went wrong with a mail: a 5xx reply (503 excepted: a matter of the session, not of the mail) is final, anything
 * else is worth another attempt. Source: RFC 5321, 4.2.1.
 */
export function readSmtpError(error: unknown): DeliveryResult {
  const failure = readFailure(error);
  const { responseCode } = failure;
  const permanent = responseCode !== undefined && responseCode >= 500 && responseCode !== 503;
  const detail = describe(failure);
  const reason = reasonOf(failure);
  return permanent ? { status: 'failed', reason, detail } : { status: 'retryable', reason, detail };
}

function reasonOf({ code, originalCode, responseCode }: SmtpFailure): DeliveryReason {
  const named = REASONS[code ?? ''];
  if (named !== undefined) return named;
  if (TLS_CODE.test(originalCode ?? '')) return 'tls_failed';
  if (responseCode === undefined) return 'connection_failed';
  return responseCode >= 500 ? 'rejected' : 'server_error';
}

function describe({ code, originalCode, response, command }: SmtpFailure): string {
  const at = command === undefined ? '' : ` at ${command}`;
  if (response !== undefined && response !== '')
    return `The mail server said${at}: ${shorten(response.replace(/\s+|\p{Cc}+/gu, ' '), 300)}`;
  return `The connection to the mail server failed${at}: ${originalCode ?? code ?? 'unknown error'}.`;
}

function readFailure(error: unknown): SmtpFailure {
  const fields = (typeof error === 'object' && error !== null ? error : {}) as Readonly<Record<string, unknown>>;
  const text = (name: string): string | undefined => (typeof fields[name] === 'string' ? fields[name] : undefined);
  const { responseCode } = fields as { responseCode?: unknown };
  return {
    code: text('code'),
    originalCode: text('originalCode'),
    responseCode: typeof responseCode === 'number' ? responseCode : undefined,
    response: text('response'),
    command: text('command'),
  };
}

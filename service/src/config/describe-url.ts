/** Query parameters whose values are credentials by their name, as those OpenTelemetry lists for `url.full`. */
const SECRET_PARAMETER =
  /(?:^|[-_.])(?:sig|signature|token|key|key_id|apikey|secret|password|passwd|pwd|auth|credential|session)$/i;

/**
 * A URL for people and telemetry: without userinfo and fragment, credentials in the query replaced.
 * Source: OpenTelemetry semantic conventions, "url.full" (userinfo and known secret parameters are redacted).
 */
export function describeUrl(url: URL): string {
  const shown = new URL(url);
  shown.username = '';
  shown.password = '';
  shown.hash = '';
  for (const name of new Set(shown.searchParams.keys())) {
    if (isSecretParameter(name)) shown.searchParams.set(name, 'REDACTED');
  }
  return shown.href;
}

/** Whether the value of a query parameter is a credential, by its name. */
export function isSecretParameter(name: string): boolean {
  return SECRET_PARAMETER.test(name.replace(/([a-z])([A-Z])/g, '$1_$2'));
}

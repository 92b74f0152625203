/** The URL when it is http(s), for a link that telemetry or an alert brought along; `undefined` for anything else. */
export function safeUrl(text: string): string | undefined {
  const url = URL.parse(text);
  return url && (url.protocol === 'https:' || url.protocol === 'http:') ? url.href : undefined;
}

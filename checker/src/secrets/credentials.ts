/** Names whose values are secret, in whatever case and with whatever around them. */
const SECRET_NAME = String.raw`[\w.-]*(?:pass(?:word|wd|phrase|code)?|pwd|secret|token|api[_-]?key|access[_-]?key|private[_-]?key|authorization|credentials?|session[_-]?id|otp|pin|signature|bearer)`;
/** In JSON, a form, a query or an assignment: `"password": "a"`, `token=a`. */
const NAMED = new RegExp(
  String.raw`(["']?)\b${SECRET_NAME}\1\s*[:=]\s*(?:"((?:[^"\\]|\\.)*)"|'([^']*)'|([^\s&,;<>{}"'[\]]+))`,
  'gi',
);
/** In XML: `<password>a</password>`. */
const ELEMENT = new RegExp(String.raw`<(?:${SECRET_NAME})(?:\s[^>]*)?>([^<]+)<`, 'gi');
/** Commands of FTP, POP3, IRC, SMTP, IMAP, NNTP, Redis, memcached and their like, with what they say. */
const COMMAND = /^[ \t]*(?:[\w.*-]{1,16}[ \t]+)?(?:PASS|AUTH|AUTHINFO[ \t]+PASS|AUTHENTICATE|LOGIN|OPER)[ \t]+(.+)$/gim;
/** The same of Redis' own protocol, in which every word has a line of its length before it. */
const RESP_COMMAND = /^AUTH\r\n\$\d+\r\n([^\r]+)(?:\r\n\$\d+\r\n([^\r]+))?/gim;
/** Not the secret but how it is told. */
const MECHANISM =
  /^(?:PLAIN|LOGIN|BASIC|BEARER|XOAUTH2|OAUTHBEARER|EXTERNAL|ANONYMOUS|GSSAPI|NTLM|(?:CRAM|DIGEST|SCRAM)-[\w-]+)$/i;
/** Beyond this much of a text nothing is looked for. */
const LOOKED_AT = 64 * 1_024;

/** The credentials in what a monitor is configured to send, as far as their names or the commands around them tell. */
export function findCredentials(text: string): string[] {
  const looked = text.slice(0, LOOKED_AT);
  const named = [...looked.matchAll(NAMED)].map(([, , json, quoted, bare]) =>
    json === undefined ? (quoted ?? bare ?? '') : unescape(json),
  );
  const elements = [...looked.matchAll(ELEMENT)].map(([, content = '']) => content.trim());
  const words = [...looked.matchAll(COMMAND)].flatMap(([, said = '']) => said.trim().split(/\s+/));
  const resp = [...looked.matchAll(RESP_COMMAND)].flatMap(([, first = '', second = '']) => [first, second]);
  const said = words.filter((word) => !MECHANISM.test(word)).map((word) => word.replace(/^:?"?|"$/g, ''));
  return [...named, ...elements, ...resp, ...said].filter((found) => !/^(?:true|false|null|)$/.test(found));
}

function unescape(json: string): string {
  try {
    return String(JSON.parse(`"${json}"`));
  } catch (error) {
    if (error instanceof SyntaxError) return json;
    throw error;
  }
}

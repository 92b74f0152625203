import { describe, expect, it } from 'vitest';
import { report } from './report.ts';

const SHA256 = '0'.repeat(64);

/** One sample for each way to be wrong (what stands in tokens is never repeated): what is written, and the line of the report it must draw. */
const WRONG: readonly (readonly [way: string, api: string, line: string])[] = [
  [
    'an authentication that is neither required nor off',
    'auth: on',
    'auth: expected one of "required", "off", found "on"',
  ],
  [
    'a token in the place of its hash',
    'tokens: [{ name: ops, role: admin, sha256: tocsin_abc }]',
    'tokens[0].sha256: expected the SHA-256 of a key in 64 lower-case hex digits, as npx tocsin key prints it, found (hidden)',
  ],
  [
    'a role that there is not',
    `tokens: [{ name: ops, role: king, sha256: ${SHA256} }]`,
    'tokens[0].role: expected one of "sender", "viewer", "responder", "admin", found (hidden)',
  ],
  [
    'a name used twice',
    `tokens: [{ name: a, role: admin, sha256: ${SHA256} }, { name: a, role: viewer, sha256: ${SHA256} }]`,
    'tokens[1].name: expected a name of its own (tokens[0] has this one), found (hidden)',
  ],
  [
    'a name that the audit log has for those without a token',
    `tokens: [{ name: anonymous, role: admin, sha256: ${SHA256} }]`,
    'tokens[0].name: expected another name: this one stands for those without a token, found (hidden)',
  ],
  ['no room for pushed alerts', 'max_pushed_alerts: 0', 'max_pushed_alerts: expected at least 1, found 0'],
];

describe('the report of a bad `alerting.api` section', () => {
  it.each(WRONG)('names %s', async (_way, api, line) => {
    expect(await report(`alerting:\n  api: { ${api} }`)).toEqual([`tocsin.yaml:2: alerting.api.${line}`]);
  });
});

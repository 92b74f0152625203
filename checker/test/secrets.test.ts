import { describe, expect, test } from 'vitest';
import { collectSecrets, secretsOf } from '../src/secrets/collect-secrets.ts';
import { findCredentials } from '../src/secrets/credentials.ts';
import { cutStart, cutText, hideSecrets } from '../src/secrets/hide-secrets.ts';
import { configure } from './kinds/configured.ts';

const SECRET = 'tok-12345/secret';

describe('a secret', () => {
  test('is blacked out with the text around it as it was', () => {
    const text = `%41 "a\\n" ${encodeURIComponent(SECRET)}, ${SECRET}${SECRET} &amp; b`;
    expect(hideSecrets(text, [SECRET])).toBe('%41 "a\\n" [hidden], [hidden][hidden] &amp; b');
    const code = Buffer.from(`me:${SECRET}`).toString('base64');
    expect(hideSecrets(`Basic ${code} no`, [SECRET])).toBe(`Basic [hidden]${/=*$/.exec(code)?.[0]} no`);
  });

  test('that is inside of another goes with it, and one of less than four characters is none', () => {
    expect(hideSecrets('a Bearer abcdef b', ['abcdef', 'Bearer abcdef'])).toBe('a [hidden] b');
    expect(hideSecrets('abcdefgh', ['abcdef', 'defgh'])).toBe('[hidden]');
    expect(hideSecrets('the cat', ['cat', ''])).toBe('the cat');
  });

  test('is blacked out as far as a cut left it, at the end and at the beginning', () => {
    const text = `${'x'.repeat(10)}${SECRET}`;
    expect(hideSecrets(cutText(text, 18), [SECRET])).toBe(`${'x'.repeat(10)}[hidden]…`);
    expect(hideSecrets(`${JSON.stringify(cutText(text, 18)).slice(0, -2)}"…`, [SECRET])).toBe('"xxxxxxxxxx[hidden]…');
    expect(hideSecrets(cutStart(`${SECRET} end`, 12), [SECRET])).toBe('…[hidden] end');
    expect(hideSecrets(cutText(`xx${encodeURIComponent(SECRET)}`, 12), [SECRET])).toBe('xx[hidden]…');
    expect(hideSecrets('words that merely begin like it: tok-12', [SECRET])).toContain('tok-12');
  });
});

describe('what is secret', () => {
  test('of headers are their values, their credentials alone, and what basic authentication says', () => {
    const basic = `Basic ${Buffer.from('ann:pass:word').toString('base64')}`;
    const secrets = collectSecrets(new URL('http://x/?token=q-12345&page=2222'), {
      authorization: basic,
      cookie: 'theme=dark; sid=abc=def',
      accept: 'text/html',
    });
    expect(secrets).toEqual(expect.arrayContaining(['pass:word', 'ann:pass:word', 'abc=def', 'q-12345', basic]));
    expect(secrets.join()).not.toMatch(/text|2222/);
  });

  test.each([
    ['{"user":"ann","password":"a\\"b","ok":true}', ['a"b']],
    ['grant=1&client_secret=abc%2Fd&x=y', ['abc%2Fd']],
    ['<login><Password a="1"> p4ss </Password></login>', ['p4ss']],
    ['PASS hunter22\r\n', ['hunter22']],
    ['a1 LOGIN ann "hunter22"\r\n', ['ann', 'hunter22']],
    ['AUTH PLAIN AGFubgBodW50ZXIyMg==\r\n', ['AGFubgBodW50ZXIyMg==']],
    ['*2\r\n$4\r\nAUTH\r\n$8\r\nhunter22\r\n', ['hunter22']],
    ['GET / HTTP/1.1\r\nX-Auth-Token: hunter22\r\n', ['hunter22']],
    ['HELO passport\r\nshipping: fast, tokens are nice', []],
  ])('is found by its name in %j', (text, found) => {
    expect(findCredentials(text)).toEqual(found);
  });

  test('of a dialogue is what follows AUTH LOGIN', async () => {
    const sends = ['EHLO a\r\n', 'AUTH LOGIN\r\n', 'YW5u\r\n', 'aHVudGVyMjI=\r\n', 'QUIT\r\n'];
    const monitor = await configure({ tcp: 'a:25', dialogue: sends.map((send) => ({ send })) });
    expect(secretsOf(monitor)).toEqual(['YW5u', 'aHVudGVyMjI=']);
  });

  test('of references are files, and variables whose names say so', async () => {
    const env = { SHOP_TOKEN: 'tok-12345', REGION: 'eu-west', DB_PASSWORD: 'hunter22' };
    const dialogue = [{ send: 'in %{REGION} with %{SHOP_TOKEN}\r\n' }, { send: '%{DB_PASSWORD:-default-pass}\r\n' }];
    expect(secretsOf(await configure({ tcp: 'a:25', dialogue }, env))).toEqual(['tok-12345', 'hunter22']);
  });
});

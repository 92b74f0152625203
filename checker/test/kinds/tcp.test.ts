import { TLSSocket } from 'node:tls';
import { SMTPServer } from 'smtp-server';
import { describe, expect, test } from 'vitest';
import type { ProbeRun } from '../../src/probe.ts';
import { phaseNames, probe } from '../monitors.ts';
import { serveTcp, type TestServer } from '../servers.ts';
import { configure } from './configured.ts';
import { serveTls } from './targets.ts';
import { ca, good, network, greeting } from './subjects/tcp.ts';

async function look(server: TestServer, settings: Readonly<Record<string, unknown>>): Promise<ProbeRun> {
  return probe(await configure({ tcp: `mail.test:${server.port}`, ...settings }), network);
}

describe('a dialogue', () => {
  test('sends what was captured before, and finds a pattern that comes in pieces', async () => {
    await using server = await serveTcp((socket) => {
      socket.write('PING :tok');
      setTimeout(() => socket.write('en-7\r\n'), 20);
      socket.on('data', (chunk: Buffer) => socket.write(chunk.toString().replace('PONG', 'welcome')));
    });
    const run = await look(server, {
      dialogue: [
        { expect: '^PING :(?P<token>\\S+)\r$' },
        { send: 'PONG {{token}} {{1}}\r\n', expect: '^welcome token-7 token-7\r$' },
      ],
    });
    expect(run.verdict).toMatchObject({ outcome: 'up' });
    expect(phaseNames(run)).toBe('resolve connect dialogue');
  });

  test('that goes wrong says at which turn, with what came', async () => {
    await using server = await serveTcp((socket) => {
      greeting(socket);
      socket.once('data', () => socket.write('502 no\r\n'));
    });
    const dialogue = [{ expect: '^220' }, { send: 'EHLO x\r\n', expect: '^250' }];
    const run = await look(server, { dialogue, timeout: '150ms' });
    expect(run.verdict.reason).toBe('dialogue_mismatch');
    expect(run.verdict.message).toContain('turn 2 of mail.test:');
    expect(run.verdict.message).toContain('502 no');
    expect(run.evidence?.['received']).toContain('502 no');
  });

  test('with a side that talks without end is cut at 64 KiB', async () => {
    await using server = await serveTcp((socket) => {
      const pour = (): void => void (socket.destroyed || socket.write('x'.repeat(16_384), pour));
      pour();
    });
    const run = await look(server, { dialogue: [{ expect: 'y' }] });
    expect(run.verdict).toMatchObject({ reason: 'dialogue_mismatch' });
    expect(run.verdict.message).toContain('first 64 KiB');
  });

  test('no pattern can hang the checker', async () => {
    await using server = await serveTcp((socket) => socket.end(`${'a'.repeat(20_000)}!`));
    const run = await look(server, { dialogue: [{ expect: '^(a+)+$' }] });
    expect(run.verdict.reason).toBe('dialogue_mismatch');
  });
});

describe('TLS', () => {
  test('from the first byte, and a slow handshake told as the phase that is slow', async () => {
    await using server = await serveTls({ cert: good.cert, key: good.key }, greeting);
    const run = await look(server, { tls: true, dialogue: [{ expect: '^220' }], expect: { latency: '10s' } });
    expect(run.verdict.message).toContain('all 1 turns');
    expect(phaseNames(run)).toBe('resolve connect tls dialogue');
    expect(run.tlsNotAfterUnixS).toBeGreaterThan(Date.now() / 1_000);
  });

  test('after the STARTTLS of a mail server', async () => {
    const smtp = new SMTPServer({ cert: good.cert, key: good.key, authOptional: true });
    smtp.on('error', () => {});
    await new Promise<void>((resolve) => void smtp.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = smtp.server.address() as { port: number };
      const dialogue = [{ send: 'EHLO x\r\n', expect: '^250 ' }];
      const monitor = await configure({ tcp: `mail.test:${port}`, starttls: 'smtp', dialogue });
      const run = await probe(monitor, network);
      expect(run.verdict).toMatchObject({ outcome: 'up' });
      expect(phaseNames(run)).toBe('resolve connect starttls tls dialogue');
    } finally {
      await new Promise<void>((resolve) => smtp.close(resolve));
    }
  });

  test('is refused by a mail server that does not offer it', async () => {
    const smtp = new SMTPServer({ hideSTARTTLS: true, authOptional: true });
    await new Promise<void>((resolve) => void smtp.listen(0, '127.0.0.1', resolve));
    try {
      const { port } = smtp.server.address() as { port: number };
      const run = await probe(await configure({ tcp: `mail.test:${port}`, starttls: 'smtp' }), network);
      expect(run.verdict).toMatchObject({ outcome: 'down', reason: 'starttls_refused' });
    } finally {
      await new Promise<void>((resolve) => smtp.close(resolve));
    }
  });

  /** What each protocol's server says, in turn, until the handshake. */
  const SERVERS: readonly (readonly [protocol: string, first: string, ...answers: readonly string[]])[] = [
    ['imap', '* OK hello\r\n', '* info\r\na OK go\r\n'],
    ['pop3', '+OK hello\r\n', '+OK go\r\n'],
    ['ftp', '220-hello\r\n220 ready\r\n', '234 go\r\n'],
    ['nntp', '200 hello\r\n', '382 go\r\n'],
    ['sieve', '"IMPLEMENTATION" "x"\r\nOK\r\n', 'OK "go"\r\n'],
    ['postgres', '', 'S'],
    ['ldap', '', '\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x00\x04\x00\x04\x00'],
    ['mysql', `\x48\0\0\0\x0a8.4.0\0\x01\0\0\0saltsalt\0\xff\xff${'\0'.repeat(50)}`, ''],
    [
      'xmpp',
      '',
      "<stream:stream><stream:features><starttls xmlns='urn:ietf:params:xml:ns:xmpp-tls'/></stream:features>",
      "<proceed xmlns='urn:ietf:params:xml:ns:xmpp-tls'/>",
    ],
  ];

  test.each(SERVERS)('begins in the way of %s', async (starttls, first, ...answers) => {
    await using server = await serveTcp((socket) => {
      if (first !== '') socket.write(first, 'latin1');
      const left = [...answers];
      socket.on('data', function answer(chunk: Buffer) {
        const next = left.shift() ?? '';
        if (left.length === 0) {
          socket.off('data', answer);
          socket.pause();
          // MySQL's request has no answer, so the handshake may come along with it.
          if (starttls === 'mysql') socket.unshift(chunk.subarray(36));
          const secure = new TLSSocket(socket, { isServer: true, cert: good.cert, key: good.key });
          secure.on('error', () => {});
          secure.on('secure', () => secure.write('hello inside\n'));
        }
        if (next !== '') socket.write(next, 'latin1');
      });
    });
    const run = await look(server, { starttls, dialogue: [{ expect: '^hello inside' }] });
    expect(run.verdict).toMatchObject({ outcome: 'up' });
  });

  test.each([
    ['postgres', '', 'N'],
    ['imap', '* OK hello\r\n', 'a BAD unknown\r\n'],
    ['mysql', `\x48\0\0\0\x0a8.4.0\0\x01\0\0\0saltsalt\0\xff\xf7${'\0'.repeat(50)}`, ''],
    ['ldap', '', '\x30\x0c\x02\x01\x01\x78\x07\x0a\x01\x02\x04\x00\x04\x00'],
  ])('is refused in the way of %s', async (starttls, first, answer) => {
    await using server = await serveTcp((socket) => {
      if (first !== '') socket.write(first, 'latin1');
      socket.on('data', () => socket.write(answer, 'latin1'));
    });
    expect((await look(server, { starttls })).verdict).toMatchObject({ outcome: 'down', reason: 'starttls_refused' });
  });

  test('takes nothing that was slipped in before the handshake', async () => {
    await using server = await serveTcp((socket) => socket.on('data', () => socket.write('Sslipped in')));
    const { verdict } = await look(server, { starttls: 'postgres' });
    expect(verdict).toMatchObject({ outcome: 'down', reason: 'protocol_error' });
    expect(verdict.message).toContain('slipped in');
  });
});

test('a server that wants a certificate of ours says so, though TLS 1.3 tells only after the handshake', async () => {
  const strict = { cert: good.cert, key: good.key, ca: ca.cert, requestCert: true, rejectUnauthorized: true };
  await using server = await serveTls(strict, () => {});
  const { verdict } = await look(server, { tls: true, dialogue: [{ send: 'PING\r\n', expect: 'PONG' }] });
  expect(verdict).toMatchObject({ outcome: 'down', reason: 'tls_handshake_failed' });
  expect(verdict.message).toContain('wants a certificate of the client');
});

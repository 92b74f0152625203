import { expect, it } from 'vitest';
import { report } from './report.ts';

const of = (lines: string): string => `monitors:\n  - name: shop\n    ${lines}\n`;

/** One sample for each way to get a kind of monitor wrong: what is written, and the line of the report it must draw. */
const WRONG: readonly (readonly [way: string, yaml: string, line: string])[] = [
  [
    'a TCP port without a port',
    of('tcp: localhost'),
    'tocsin.yaml:3: monitors[0].tcp (shop): expected host:port, found "localhost"',
  ],
  [
    'a protocol that cannot begin TLS',
    of('tcp: localhost:25\n    starttls: gopher'),
    'tocsin.yaml:4: monitors[0].starttls (shop): expected one of "smtp", "imap", "pop3", "ftp", "nntp", "sieve", "ldap", "postgres", "mysql", "xmpp", found "gopher"',
  ],
  [
    'TLS both from the start and later',
    of('tcp: localhost:25\n    starttls: smtp\n    tls: true'),
    'tocsin.yaml:4: monitors[0].starttls (shop): expected either tls: true or starttls, found "smtp"',
  ],
  [
    'a turn of a dialogue in which nothing happens',
    of('tcp: localhost:25\n    dialogue: [{}]'),
    'tocsin.yaml:4: monitors[0].dialogue[0] (shop): expected send, expect or both, found a mapping',
  ],
  [
    'a pattern that RE2 does not know',
    of('tcp: localhost:25\n    dialogue: [{ expect: "(?=a)" }]'),
    'tocsin.yaml:4: monitors[0].dialogue[0].expect (shop): expected a regular expression in RE2\'s syntax (invalid or unsupported Perl syntax: `(?=`), found "(?=a)"',
  ],
  [
    'a fingerprint that is none',
    of('tls: localhost:443\n    expect: { fingerprint: abc }'),
    'tocsin.yaml:4: monitors[0].expect.fingerprint (shop): expected a SHA-256 fingerprint of 64 hexadecimal digits, or a list, found "abc"',
  ],
  [
    'a client certificate without its key',
    of('tls: localhost:443\n    cert_file: tocsin.yaml'),
    'tocsin.yaml:4: monitors[0].cert_file (shop): expected key_file beside cert_file, found "tocsin.yaml"',
  ],
  [
    'a type that the DNS does not have',
    of('dns: example.com\n    type: XMX'),
    'tocsin.yaml:4: monitors[0].type (shop): expected a record type such as A, MX or HTTPS (or TYPE and a number), found "XMX"',
  ],
  [
    'a name that cannot be looked up',
    of('dns: "a..b"'),
    'tocsin.yaml:3: monitors[0].dns (shop): expected a domain name of at most 253 characters, with labels of at most 63, found "a..b"',
  ],
  [
    'a DNS server that is a URL',
    of('dns: example.com\n    server: https://dns.example/'),
    'tocsin.yaml:4: monitors[0].server (shop): expected a host, host:port or [IPv6]:port, found "https://dns.example/"',
  ],
  [
    'TLS settings for a query without TLS',
    of('dns: example.com\n    tls: { server_name: a }'),
    'tocsin.yaml:4: monitors[0].tls (shop): expected tls only beside transport: tls, found a mapping',
  ],
  [
    'a response code that there is not',
    of('dns: example.com\n    expect: { rcode: [MAYBE] }'),
    'tocsin.yaml:4: monitors[0].expect.rcode[0] (shop): expected one of "NOERROR", "FORMERR", "SERVFAIL", "NXDOMAIN", "NOTIMP", "REFUSED", "YXDOMAIN", "YXRRSET", "NXRRSET", "NOTAUTH", "NOTZONE", found "MAYBE"',
  ],
  [
    'a limit of a value that is no number',
    of('http: https://shop.example\n    expect: { json: { path: $.load, less_than: high } }'),
    'tocsin.yaml:4: monitors[0].expect.json.less_than (shop): expected a number such as 10 or 0.5, found "high"',
  ],
  [
    'a token that can be guessed',
    of('heartbeat: backup\n    period: 1h'),
    'tocsin.yaml:3: monitors[0].heartbeat (shop): expected a token of 16 to 128 letters, digits, - and _, found (hidden)',
  ],
  [
    'a heartbeat that is never expected',
    of('heartbeat: backup-0123456789abcdef'),
    'tocsin.yaml:2: monitors[0] (shop): expected period or cron beside heartbeat, found a mapping',
  ],
  [
    'a heartbeat that is expected in two ways',
    of('heartbeat: backup-0123456789abcdef\n    period: 1h\n    cron: "0 2 * * *"'),
    'tocsin.yaml:5: monitors[0].cron (shop): expected either period or cron, not both, found "0 2 * * *"',
  ],
  [
    'metadata that belongs to gRPC itself',
    of('grpc: localhost:50051\n    metadata: { grpc-timeout: 1S }'),
    'tocsin.yaml:4: monitors[0].metadata.grpc-timeout (shop): expected a key of lower-case letters, digits, - _ and . (no grpc-…, no …-bin), found "1S"',
  ],
  [
    'a WebSocket that is an HTTP URL',
    of('websocket: https://localhost/'),
    'tocsin.yaml:3: monitors[0].websocket (shop): expected a ws:// or wss:// URL without a fragment, found "https://localhost/"',
  ],
  [
    'a header that the handshake sends itself',
    of('websocket: ws://localhost/\n    headers: { Sec-WebSocket-Key: a }'),
    'tocsin.yaml:4: monitors[0].headers.Sec-WebSocket-Key (shop): expected a header that the handshake does not send itself, found (hidden)',
  ],
  [
    'a subprotocol with a comma',
    of('websocket: ws://localhost/\n    subprotocols: ["a,b"]'),
    'tocsin.yaml:4: monitors[0].subprotocols[0] (shop): expected a subprotocol of letters, digits and !#$%&\'*+-.^_`|~, found "a,b"',
  ],
  [
    'messages of any size',
    of('websocket: ws://localhost/\n    max_message: 1GiB'),
    'tocsin.yaml:4: monitors[0].max_message (shop): expected a size of 1B to 64MiB, found "1GiB"',
  ],
  [
    'a host to ping that would be an option',
    of('icmp: -f'),
    'tocsin.yaml:3: monitors[0].icmp (shop): expected a host name or address, without a port, found "-f"',
  ],
  [
    'a ping to a port',
    of('icmp: localhost:80'),
    'tocsin.yaml:3: monitors[0].icmp (shop): expected a host name or address, without a port, found "localhost:80"',
  ],
  [
    'pings that do not fit into the time',
    of('icmp: localhost\n    timeout: 5s\n    count: 10'),
    'tocsin.yaml:4: monitors[0].timeout (shop): expected at least 9s500ms: 10 pings 1s apart, found "5s"',
  ],
  [
    'pings without a pause',
    of('icmp: localhost\n    spacing: 10ms'),
    'tocsin.yaml:4: monitors[0].spacing (shop): expected at least 200ms between pings, found "10ms"',
  ],
  [
    'a loss of more than all',
    of('icmp: localhost\n    expect: { max_loss: 120% }'),
    'tocsin.yaml:4: monitors[0].expect.max_loss (shop): expected a percentage from 0 to 100, found "120%"',
  ],
  [
    'a domain that nobody can register',
    of('domain: "-a.com"'),
    'tocsin.yaml:3: monitors[0].domain (shop): expected a registered domain such as example.com, found "-a.com"',
  ],
  [
    'a domain that is a URL',
    of('domain: https://example.com/'),
    'tocsin.yaml:3: monitors[0].domain (shop): expected a registered domain such as example.com, found "https://example.com/"',
  ],
  [
    'a domain that is asked about too often',
    of('domain: example.com\n    interval: 5m'),
    'tocsin.yaml:4: monitors[0].interval (shop): expected an interval of at least 1h: registries limit what they are asked, found "5m"',
  ],
];

it.each(WRONG)('%s is named with file, line, path, what was expected and what was found', async (_way, yaml, line) => {
  expect(await report(yaml)).toEqual([line]);
});

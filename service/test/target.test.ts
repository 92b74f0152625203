import { tmpdir } from 'node:os';
import { expect, test } from 'vitest';
import { targetOf } from '../src/config/index.ts';
import { parseMonitors } from '../src/config/load-text.ts';

function targets(yaml: readonly string[]): string[] {
  const text = `monitors:\n${yaml.map((settings, index) => `  - { name: m${index}, ${settings} }\n`).join('')}`;
  return parseMonitors({ text, shown: 'tocsin.yaml', env: {}, folder: tmpdir() }).map(targetOf);
}

test('what a monitor watches is named without the credentials in its URL', () => {
  expect(
    targets([
      'http: "https://me:s3cret@shop.example/a?page=2&token=s3cret#s3cret"',
      'flow: [{ step: a, http: "https://me:s3cret@shop.example/login" }]',
      'websocket: "wss://me:s3cret@shop.example/socket?apiKey=s3cret"',
    ]),
  ).toEqual([
    'https://shop.example/a?page=2&token=REDACTED',
    'https://shop.example/login',
    'wss://shop.example/socket?apiKey=REDACTED',
  ]);
});

test('what a monitor watches is named as its kind has it', () => {
  expect(
    targets(['icmp: gateway.example', 'domain: Bücher.example', 'tcp: "[::1]:25"', 'dns: example.com, type: mx']),
  ).toEqual(['gateway.example', 'xn--bcher-kva.example', '[::1]:25', 'example.com MX']);
});

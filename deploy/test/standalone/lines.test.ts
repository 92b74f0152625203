import { describe, expect, it } from 'vitest';
import { createLineSplitter, formatLine } from '../../src/standalone/lines.ts';

const plain = { color: false, json: false };
const entry = (fields: object): string =>
  JSON.stringify({ level: 'info', time: '2026-01-02T03:04:05.678Z', service: 'collector', ...fields });

describe('formatLine', () => {
  it('makes a log entry a line with time, service, level, message and fields', () => {
    expect(formatLine('collector', entry({ msg: 'loaded', items: 3, file: 'a b', signal: 'traces' }), plain)).toBe(
      '03:04:05 collector  info  loaded items=3 file="a b" signal=traces',
    );
  });

  it('shows of an error its code and message', () => {
    const err = { type: 'Error', message: 'refused', code: 'ECONNREFUSED', stack: 'long' };
    expect(formatLine('collector', entry({ level: 'error', msg: 'load', err }), plain)).toBe(
      '03:04:05 collector  error load err="ECONNREFUSED: refused"',
    );
  });

  it('shows what is not JSON as it is, after the name of the service', () => {
    expect(formatLine('checker', 'Warning: {odd', plain)).toContain('checker');
    expect(formatLine('checker', '{not json', plain)).toMatch(/\{not json$/);
  });

  it('passes JSON through where JSON is wanted, and wraps what is not', () => {
    const line = entry({ msg: 'x' });
    expect(formatLine('collector', line, { color: false, json: true })).toBe(line);
    expect(JSON.parse(formatLine('checker', 'odd', { color: false, json: true }))).toMatchObject({ msg: 'odd' });
  });

  it('colours only where asked', () => {
    expect(formatLine('collector', entry({ msg: 'x' }), plain)).not.toContain('\u001b');
    expect(formatLine('collector', entry({ msg: 'x' }), { color: true, json: false })).toContain('\u001b[36m');
  });
});

describe('createLineSplitter', () => {
  it('joins pieces into lines and gives the last one at the end', () => {
    const lines: string[] = [];
    const splitter = createLineSplitter((line) => lines.push(line));
    for (const piece of ['a', 'b\nc', '\n\nd']) splitter.push(piece);
    splitter.end();
    expect(lines).toEqual(['ab', 'c', 'd']);
  });

  it('does not keep a line without end', () => {
    const lines: string[] = [];
    const splitter = createLineSplitter((line) => lines.push(line));
    splitter.push('x'.repeat(200_000));
    expect(lines.length).toBe(3);
  });
});

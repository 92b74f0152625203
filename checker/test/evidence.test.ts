import { expect, test } from 'vitest';
import { collectEvidence, describeEvidence } from '../src/evidence.ts';
import { down, unknown, unmet, up, worstOf } from '../src/verdict.ts';

test('evidence is cut to size, and a secret at the cut is blacked out before it', () => {
  const body = `${'x'.repeat(500)}tok-12345-secret${'y'.repeat(100_000)}`;
  const evidence = collectEvidence({ body, 'header.server': '', banner: undefined }, ['tok-12345-secret']);
  expect(Object.keys(evidence)).toEqual(['body']);
  expect(evidence['body']).toBe(`${'x'.repeat(500)}[hidden]yyyy…`);
});

test('control characters do not reach a terminal; line ends and letters of any script do', () => {
  expect(collectEvidence({ body: 'a\u001b[31mb\u0000\n\tжø' }, [])).toEqual({ body: 'a·[31mb·\n\tжø' });
  expect(collectEvidence({ body: `${'a'.repeat(511)}😀` }, [])['body']).toBe(`${'a'.repeat(511)}\ufffd…`);
});

test('at most sixteen texts leave', () => {
  const many = Object.fromEntries(Array.from({ length: 40 }, (_, index) => [`header.x${index}`, 'v']));
  expect(Object.keys(collectEvidence(many, []))).toHaveLength(16);
  expect(describeEvidence({ body: 'no' })).toEqual({ 'tocsin.probe.evidence.body': 'no' });
});

test('of several verdicts the worst counts, and the first of equal ones', () => {
  const slow = unmet('degraded', 'latency_exceeded', 'slow');
  expect(worstOf(up('fine'), slow, down('timeout', 'first'), down('reset', 'second')).message).toBe('first');
  expect(worstOf(slow, up('fine'))).toBe(slow);
  expect(worstOf(slow, unknown('internal_error', 'ours')).outcome).toBe('unknown');
});

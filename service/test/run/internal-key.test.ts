import { expect, it } from 'vitest';
import { InvocationError, readInvocation } from '../../src/run/invocation.ts';
import { internalHeaders } from '../../src/telemetry/internal-key.ts';

it('the internal key comes from the environment, and is shown as a bearer', () => {
  const key = 'k'.repeat(32);
  const { internalKey } = readInvocation([], { TOCSIN_INTERNAL_KEY: key }, '/');
  expect(internalHeaders(internalKey)).toEqual({ authorization: `Bearer ${key}` });
  expect(internalHeaders(readInvocation([], {}, '/').internalKey)).toEqual({});
});

it('a short one, or one that no header can hold, is refused without being said', () => {
  for (const key of ['s3cret', `s3cret${' '.repeat(40)}`]) {
    const read = (): unknown => readInvocation([], { TOCSIN_INTERNAL_KEY: key }, '/');
    expect(read).toThrow(InvocationError);
    expect(read).toThrow(`expected at least 32 letters, digits and any of -._~+/=, found ${key.length} characters`);
  }
});

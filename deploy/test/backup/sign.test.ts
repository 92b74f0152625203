import { expect, it } from 'vitest';
import { readS3Target } from '../../src/backup/s3/target.ts';
import { signRequest } from '../../src/backup/s3/sign.ts';

/** Source: AWS, "Signature Calculations for the Authorization Header: Transferring Payload in a Single Chunk", its examples. */
const EXAMPLES = [
  ['/test.txt', {}, { range: 'bytes=0-9' }, 'f0e8bdb87c964420e857bd35b5d6ed310bd44f0170aba48dd91039c6036bdb41'],
  ['/', { lifecycle: '' }, {}, 'fea454ca298b7da1c68078a5d1bdbfbbe0d65c699e0f91ac7a200a0136783543'],
  ['/', { 'max-keys': '2', prefix: 'J' }, {}, '34b48302e7b5fa45bde8084f4b7868a86f0a534bc59db6670ed5711ef69dc6f7'],
] as const;

it.each(EXAMPLES)('AWS’s own example of a GET of %s %o %o has its signature', (path, query, headers, signature) => {
  const credentials = {
    accessKeyId: 'AKIAIOSFODNN7EXAMPLE',
    secretAccessKey: 'wJalrXUtnFEMI/K7MDENG/bPxRfiCYEXAMPLEKEY',
    sessionToken: undefined,
  };
  const bodySha256 = 'e3b0c44298fc1c149afbf4c8996fb92427ae41e4649b934ca495991b7852b855';
  const request = { method: 'GET', host: 'examplebucket.s3.amazonaws.com', path, query, headers, bodySha256 };
  const signed = signRequest(request, credentials, 'us-east-1', new Date('2013-05-24T00:00:00Z'));
  expect(signed['authorization']).toContain(`Signature=${signature}`);
});

it('a target in S3 says what it lacks', () => {
  const keys = { AWS_ACCESS_KEY_ID: 'id', AWS_SECRET_ACCESS_KEY: 'secret' };
  expect(readS3Target('s3://bucket/a/b/', keys)).toMatchObject({
    bucket: 'bucket',
    prefix: 'a/b/',
    region: 'us-east-1',
  });
  expect(readS3Target('s3://bucket', {})).toContain('AWS_SECRET_ACCESS_KEY');
  expect(readS3Target('gs://bucket', keys)).toContain('expected s3://BUCKET/PREFIX');
  expect(readS3Target('s3://bucket', { ...keys, AWS_ENDPOINT_URL_S3: 'nowhere' })).toContain('AWS_ENDPOINT_URL_S3');
});

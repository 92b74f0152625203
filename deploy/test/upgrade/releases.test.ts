import { expect, it } from 'vitest';
import { readVersions } from './releases.ts';

it('versions are told by the headings of the changelog', () => {
  const changelog = '# Changelog\n\n## Unreleased\n\n## [1.2.0] - 2026-12-01\n\n## 1.1.0-rc.1\n';
  expect(readVersions(changelog)).toEqual(['1.2.0', '1.1.0-rc.1']);
});

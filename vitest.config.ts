import { defineConfig } from 'vitest/config';

/** Three suites: `unit` takes seconds and starts no engine; `integration` and `e2e` use the embedded ClickHouse. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          name: 'unit',
          // Generous: a test waits for what it tests, and two busy cores are slow.
          testTimeout: 20_000,
          include: ['**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/*.integration.test.ts', '**/*.e2e.test.ts'],
        },
      },
      {
        test: {
          name: 'integration',
          include: ['**/*.integration.test.ts'],
          testTimeout: 60_000,
          hookTimeout: 60_000,
        },
      },
      {
        test: { name: 'e2e', include: ['**/*.e2e.test.ts'], testTimeout: 240_000, hookTimeout: 120_000 },
      },
    ],
  },
});

import { defineConfig } from 'vitest/config';

/** A test waits for what it tests; this only ends the waiting for what never comes, and busy cores are slow. */
const PATIENCE = { expect: { poll: { timeout: 15_000 } } };

/** Three suites: `unit` takes seconds, starts no engine and no process; `integration` and `e2e` use the embedded ClickHouse. */
export default defineConfig({
  test: {
    projects: [
      {
        test: {
          ...PATIENCE,
          name: 'unit',
          // One module graph for all files of a worker: loading it anew for each was three quarters of the time.
          isolate: false,
          testTimeout: 20_000,
          include: ['**/*.test.ts'],
          exclude: ['**/node_modules/**', '**/*.integration.test.ts', '**/*.e2e.test.ts'],
        },
      },
      {
        test: {
          ...PATIENCE,
          name: 'integration',
          globalSetup: ['dashboards/test/build-web.ts'],
          include: ['**/*.integration.test.ts'],
          testTimeout: 120_000,
          hookTimeout: 120_000,
        },
      },
      {
        test: {
          ...PATIENCE,
          name: 'e2e',
          globalSetup: ['dashboards/test/build-web.ts'],
          include: ['**/*.e2e.test.ts'],
          testTimeout: 240_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});

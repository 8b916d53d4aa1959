import { fileURLToPath } from 'node:url';
import { defineConfig } from 'vitest/config';

const everywhere = ['**/node_modules/**', '**/dist/**', '**/.next/**', '**/.heddle/**', 'e2e/**'];
const alias = { '@': fileURLToPath(new URL('.', import.meta.url)).replace(/\/$/, '') };

/**
 * Three projects: `unit` needs nothing; `db` gets a PostgreSQL whose databases are cloned per suite; `process` starts real processes one after another.
 * Run one with `vitest run --project db path`.
 */
export default defineConfig({
  resolve: { alias },
  test: {
    env: { NODE_ENV: 'test', LOG_LEVEL: 'silent' },
    projects: [
      {
        extends: true,
        test: { name: 'unit', include: ['**/*.test.ts'], exclude: [...everywhere, '**/*.db.test.ts', '**/*.process.test.ts'] },
      },
      {
        extends: true,
        test: {
          name: 'db',
          include: ['**/*.db.test.ts'],
          exclude: everywhere,
          globalSetup: ['server/db/testing-postgres.ts'],
          testTimeout: 20_000,
          hookTimeout: 60_000,
        },
      },
      {
        extends: true,
        test: {
          name: 'process',
          include: ['**/*.process.test.ts'],
          exclude: everywhere,
          globalSetup: ['server/db/testing-postgres.ts'],
          fileParallelism: false,
          testTimeout: 90_000,
          hookTimeout: 120_000,
        },
      },
    ],
  },
});

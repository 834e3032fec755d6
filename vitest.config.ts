import { defineConfig } from 'vitest/config'
import { Summary } from './tools/check/summary.ts'

const everywhere = ['**/node_modules/**', '**/.node/**', '**/.weconnect/**']
const long = process.env['WECONNECT_LONG'] === '1'

export default defineConfig({
  test: {
    pool: 'forks',
    env: { TZ: 'UTC' },
    passWithNoTests: true,
    reporters: ['default', new Summary()],
    projects: [
      {
        test: {
          name: 'unit',
          include: ['**/*.test.ts'],
          exclude: [...everywhere, '**/*.integration.test.ts'],
          testTimeout: long ? 120_000 : 20_000,
          sequence: { groupOrder: 0 },
        },
      },
      {
        // These start processes and databases: few at a time, so that none starves.
        test: {
          name: 'integration',
          globalSetup: ['./tools/testing/postgres-global-setup.ts', './tools/testing/engines-global-setup.ts'],
          include: ['**/*.integration.test.ts'],
          exclude: everywhere,
          testTimeout: long ? 1_800_000 : 120_000,
          hookTimeout: 120_000,
          maxWorkers: 2,
          sequence: { groupOrder: 1 },
        },
      },
    ],
  },
})

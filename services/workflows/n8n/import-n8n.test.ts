import { readdirSync, readFileSync } from 'node:fs'
import { join } from 'node:path'
import { isWeConnectError } from '@weconnect/contracts/errors'
import { openNodeRegistry } from '@weconnect/nodes/registry'
import { sharedFolder } from '@weconnect/testing/requires'
import { describe, expect, test } from 'vitest'
import { canonicalJson } from '../canonical-json.ts'
import type { WorkflowCommand } from '../decider/commands.ts'
import { workflowDecider } from '../decider/decide.ts'
import { absentWorkflow, evolve } from '../decider/evolve.ts'
import type { Workflow } from '../model.ts'
import { exportN8n } from './export-n8n.ts'
import { parseN8nFile } from './import-n8n.ts'
import { importNotes } from './import-report.ts'

const counter = () => {
  let next = 0
  return () => `00000000-0000-4000-8000-${String(next++).padStart(12, '0')}`
}
const decide = workflowDecider(() => [])
const apply = (workflow: Workflow, command: WorkflowCommand): Workflow => decide(command, workflow).reduce(evolve, workflow)

const to = { workflowId: '6f1c9d8e-1111-4222-8333-444455556666', organisationId: 'org' }
const imported = (file: unknown): Workflow =>
  apply(absentWorkflow, { type: 'ImportWorkflow', ...to, ...parseN8nFile(file, counter())[0]!.content })
const roundTrip = (file: unknown) => exportN8n(imported(file))
const notesOf = (file: unknown, isLinked = async () => false) =>
  importNotes(parseN8nFile(file, counter())[0]!, openNodeRegistry([]), isLinked)

const node = (name: string, rest: object = {}) => ({
  parameters: {},
  id: `id of ${name}`,
  name,
  type: 'n8n-nodes-base.noOp',
  typeVersion: 1,
  position: [0, 0],
  ...rest,
})
const wire = (target: string, rest: object = {}) => ({ node: target, type: 'main', index: 0, ...rest })

const corpus = sharedFolder('workflows')
describe.skipIf(!corpus)('real workflows', () => {
  const files = corpus ? readdirSync(corpus).filter((file) => file.endsWith('.json')) : []

  test('each comes back as it was', () => {
    let slowest = { file: '', ms: 0 }
    for (const file of files) {
      const text = readFileSync(join(corpus!, file), 'utf8')
      const start = performance.now()
      const exported = roundTrip(text)
      const ms = performance.now() - start
      if (ms > slowest.ms) slowest = { file, ms }
      expect(exported, file).toStrictEqual(JSON.parse(text))
    }
    console.info(`${files.length} files; slowest to import and export: ${slowest.file}, ${slowest.ms.toFixed(1)} ms`)
    expect(files.length).toBeGreaterThan(300)
  })

  test('each is reported on, and no note quotes a secret', async () => {
    for (const file of files) {
      const text = readFileSync(join(corpus!, file), 'utf8')
      const [parsed] = parseN8nFile(text, counter())
      const notes = await importNotes(parsed!, openNodeRegistry([]), async () => false)
      const notRunnable = notes.filter(({ kind }) => kind === 'notRunnable')
      expect(notRunnable.length, file).toBe(parsed!.content.nodes.length)
    }
  })
})

describe('what a file may leave out or repeat comes back', () => {
  test.for<[string, object]>([
    ['nothing but nodes', { nodes: [] }],
    ['nulls', { name: null, nodes: [], connections: null, settings: null, pinData: null, tags: null, staticData: null, description: null }],
    ['empty texts', { name: '', description: '', nodes: [], connections: {}, settings: {}, pinData: {}, tags: [] }],
    ['unknown keys', { nodes: [node('A', { colour: 'red', retryOnFail: 'yes', maxTries: null })], connections: {}, ours: { x: [1] } }],
    ['a node of name and type', { nodes: [{ name: 'A', type: 't' }], connections: {} }],
    ['ids that repeat', { nodes: [node('A', { id: '1' }), node('B', { id: '1' }), node('C', { id: '__proto__' }), node('D', { id: 7 })] }],
    [
      'credentials of every form',
      {
        nodes: [
          node('A', { credentials: { a: { id: null, name: 'x' }, b: 'y' } }),
          node('B', { credentials: { a: { data: { key: 'x' } } } }),
        ],
      },
    ],
    ['a null id', { nodes: [node('A', { id: null })] }],
    ['names that repeat', { nodes: [node('A'), node('A', { id: 'x' }), node('A1')], connections: { A: { main: [[wire('A1')]] } } }],
    [
      'empty and null outputs',
      { nodes: [node('A'), node('B')], connections: { A: { main: [null, [], [wire('B')], []] }, B: { main: [] } } },
    ],
    ['a source without outputs', { nodes: [node('A')], connections: { A: {} } }],
    [
      'ends that do not exist',
      { nodes: [node('A'), node('B')], connections: { A: { main: [[wire('Z'), wire('B')]] }, Y: { main: [[wire('A')]] } } },
    ],
    ['one edge twice', { nodes: [node('A'), node('B')], connections: { A: { main: [[wire('B'), wire('B')]] } } }],
    ['entries that say less, or more', { nodes: [node('A')], connections: { A: { main: [[{ node: 'A' }], [wire('A', { note: 1 })]] } } }],
    ['sub-nodes', { nodes: [node('A'), node('M')], connections: { M: { ai_tool: [[{ node: 'A', type: 'ai_tool', index: 0 }]] } } }],
    ['tags of both kinds', { nodes: [], tags: ['a', { id: '1', name: 'b' }, 'a'] }],
    ['a node called constructor', { nodes: [node('constructor')], connections: { constructor: { main: [[wire('constructor')]] } } }],
    ['an active workflow', { nodes: [], active: true, id: 'abc', versionId: 'v', meta: { instanceId: 'i' } }],
    [
      'what is ours',
      {
        nodes: [node('A', { timeoutMs: 5, cache: { enabled: true, ttlSeconds: 1 }, position: [1, 2.5, 3] })],
        connections: { A: { main: [[wire('A', { conditions: '={{ 1 }}' })]] } },
      },
    ],
  ])('%s', ([, file]) => expect(canonicalJson(roundTrip(file))).toBe(canonicalJson(file)))
})

describe('an imported workflow that is edited', () => {
  const file = {
    nodes: [node('A', { id: undefined }), node('B')],
    connections: { A: { main: [[wire('B')], []] }, B: { main: [[wire('Z')]] } },
    tags: [{ id: '1', name: 'kept' }],
    active: true,
  }
  const nodeId = (workflow: Workflow, name: string) => workflow.nodes.find((candidate) => candidate.name === name)!.nodeId

  test('exports the new names', () => {
    const before = imported(JSON.stringify(file))
    const renamed = apply(before, { type: 'RenameNode', ...to, nodeId: nodeId(before, 'A'), name: 'First' })
    const exported = exportN8n(apply(renamed, { type: 'RenameWorkflow', ...to, name: 'Mine' }))
    expect(exported['name']).toBe('Mine')
    expect(exported['connections']).toEqual({ First: { main: [[wire('B')], []] }, B: { main: [[wire('Z')]] } })
  })
  test('forgets a node that was removed', () => {
    const before = imported(JSON.stringify(file))
    const exported = exportN8n(apply(before, { type: 'RemoveNode', ...to, nodeId: nodeId(before, 'B') }))
    expect(exported['connections']).toEqual({ A: { main: [[], []] } })
  })
  test('keeps the objects of its tags', () => {
    const tagged = apply(imported(JSON.stringify(file)), { type: 'TagWorkflow', ...to, tags: ['new', 'kept'] })
    expect(exportN8n(tagged)['tags']).toEqual([{ name: 'new' }, { id: '1', name: 'kept' }])
  })
  test('is active in its file until it was switched off here', () => {
    const draft = imported(JSON.stringify(file))
    expect(exportN8n(draft)['active']).toBe(true)
    const live = apply(draft, { type: 'ActivateWorkflow', ...to })
    expect(exportN8n(apply(live, { type: 'DeactivateWorkflow', ...to }))['active']).toBe(false)
  })
})

test('credentials that hold more than a reference go where everything is sealed', () => {
  const credentials = { slackApi: { id: '1', name: 'Team', data: { token: 'hunter2' } } }
  const [only] = imported({ nodes: [node('A', { credentials })] }).nodes
  expect([only?.credentials, only?.extra]).toEqual([undefined, { credentials }])
})

test('a missing executionOrder stays missing', () => {
  expect(imported({ nodes: [], settings: { timezone: 'UTC' } }).settings).toEqual({ timezone: 'UTC' })
})

describe('several workflows in one file', () => {
  const one = { name: 'One', nodes: [] }
  test.for<[string, unknown]>([
    ['an array', [one, { ...one, name: 'Two' }]],
    ['{workflows}', { workflows: [one, { ...one, name: 'Two' }] }],
  ])('%s', ([, file]) => expect(parseN8nFile(file, counter()).map(({ content }) => content.name)).toEqual(['One', 'Two']))
})

describe('bad files are refused with the place', () => {
  const deep = `${'['.repeat(50_000)}${']'.repeat(50_000)}`
  test.for<[string, unknown, string, string]>([
    ['text that is no JSON', '{"nodes": [}', 'MALFORMED_JSON', '$'],
    ['an empty text', '', 'MALFORMED_JSON', '$'],
    ['a number', 7, 'INVALID_INPUT', '$'],
    ['null', null, 'INVALID_INPUT', '$'],
    ['an empty array', [], 'INVALID_INPUT', '$'],
    ['an array of texts', [{ nodes: [] }, 'x'], 'INVALID_INPUT', '$[1]'],
    ['workflows of texts', { workflows: ['x'] }, 'INVALID_INPUT', '$.workflows[0]'],
    ['no nodes', { name: 'A' }, 'INVALID_INPUT', '$.nodes'],
    ['nodes by name', { nodes: {} }, 'INVALID_INPUT', '$.nodes'],
    ['a node that is a text', { nodes: [node('A'), 'x'] }, 'INVALID_INPUT', '$.nodes[1]'],
    ['a node without name', { nodes: [{ type: 't' }] }, 'INVALID_INPUT', '$.nodes[0].name'],
    ['a node without type', { nodes: [{ name: 'A' }] }, 'INVALID_INPUT', '$.nodes[0].type'],
    ['a version that is a text', { nodes: [node('A', { typeVersion: '2' })] }, 'INVALID_INPUT', '$.nodes[0].typeVersion'],
    ['a position of one number', { nodes: [node('A', { position: [1] })] }, 'INVALID_INPUT', '$.nodes[0].position'],
    ['parameters that are a list', { nodes: [node('A', { parameters: [] })] }, 'INVALID_INPUT', '$.nodes[0].parameters'],
    ['credentials that are a text', { nodes: [node('A', { credentials: 'x' })] }, 'INVALID_INPUT', '$.nodes[0].credentials'],
    ['a node called __proto__', { nodes: [node('__proto__')] }, 'INVALID_INPUT', '$.nodes[0].name'],
    ['connections that are a list', { nodes: [], connections: [] }, 'INVALID_INPUT', '$.connections'],
    ['outputs that are a text', { nodes: [], connections: { A: 'x' } }, 'INVALID_INPUT', '$.connections.A'],
    ['slots that are an object', { nodes: [], connections: { A: { main: {} } } }, 'INVALID_INPUT', '$.connections.A.main'],
    ['a slot that is a text', { nodes: [], connections: { 'A b': { main: ['x'] } } }, 'INVALID_INPUT', '$.connections["A b"].main[0]'],
    ['a connection without node', { nodes: [], connections: { A: { main: [[{}]] } } }, 'INVALID_INPUT', '$.connections.A.main[0][0].node'],
    [
      'a connection to input 1e9',
      { nodes: [], connections: { A: { main: [[wire('A', { index: 1e9 })]] } } },
      'INVALID_INPUT',
      '$.connections.A.main[0][0].index',
    ],
    ['a name that is a number', { name: 7, nodes: [] }, 'INVALID_INPUT', '$.name'],
    ['settings that are a list', { settings: [], nodes: [] }, 'INVALID_INPUT', '$.settings'],
    ['a tag that is a number', { tags: ['a', 1], nodes: [] }, 'INVALID_INPUT', '$.tags[1]'],
    ['pinned items that are a text', { pinData: 'x', nodes: [] }, 'INVALID_INPUT', '$.pinData'],
    [
      'a __proto__ key',
      '{"nodes":[{"name":"A","type":"t","parameters":{"a":{"__proto__":{"x":1}}}}]}',
      'INVALID_INPUT',
      '$.nodes[0].parameters.a',
    ],
  ])('%s', ([, file, code, path]) => {
    const error = caught(() => parseN8nFile(file, counter()))
    expect({ code: error.code, path: error.problems[0]?.path }).toEqual({ code, path })
  })
  test('one that is nested 50,000 deep', () => expect(caught(() => parseN8nFile(deep, counter())).code).toBe('INVALID_INPUT'))
  test('the message for text that is no JSON does not quote it', () =>
    expect(caught(() => parseN8nFile('{"password": hunter2}', counter())).message).not.toContain('hunter2'))
})

const caught = (run: () => unknown) => {
  try {
    run()
  } catch (error) {
    if (isWeConnectError(error)) return error
    throw error
  }
  throw new Error('nothing was thrown')
}

describe('the report', () => {
  test('names what cannot run, what must be linked again, and typed-in secrets without their value', async () => {
    const secrets = {
      apiKey: 'hunter2',
      token: '={{ $vars.token }}',
      headers: [{ name: 'Authorization', value: 'Bearer hunter2' }],
      url: 'https://x',
    }
    const notes = await notesOf({
      name: 'W',
      nodes: [node('A', { parameters: secrets, credentials: { slackApi: { id: '1', name: 'Team' } } })],
    })
    expect(notes.map(({ node, kind, message }) => [node, kind, message])).toEqual([
      ['A', 'notRunnable', 'there is no such node type here yet'],
      ['A', 'warning', 'there is no credential "Team" of type slackApi here: create it with this name, or link another'],
      ['A', 'warning', 'apiKey looks like a secret typed into a parameter: move it into a credential'],
      ['A', 'warning', 'headers[0].value looks like a secret typed into a parameter: move it into a credential'],
    ])
    expect(JSON.stringify(notes)).not.toContain('hunter2')
  })
  test('names connections that lead nowhere', async () => {
    const notes = await notesOf({ name: 'W', nodes: [node('A')], connections: { A: { main: [[wire('Z')]] } } })
    expect(notes.filter(({ kind }) => kind === 'warning').map(({ message }) => message)).toEqual([
      'the connection from "A" to "Z" is kept for export only: there is no node "Z"',
    ])
  })
  test('has nothing to say of a credential that is here', async () => {
    const linked = node('A', { credentials: { slackApi: { id: '1', name: 'Team' } } })
    const notes = await notesOf({ name: 'W', nodes: [linked] }, async () => true)
    expect(notes.map(({ kind }) => kind)).toEqual(['notRunnable'])
  })
  test('says which node got another name', async () => {
    const notes = (await notesOf({ nodes: [node('A'), node('A', { id: 'x' })] })).filter(({ kind }) => kind === 'changed')
    expect(notes.map(({ message }) => message)).toEqual([
      'the file has no name: the workflow is called "Imported workflow"',
      'a node before it is called "A" too: this one is now "A1"',
    ])
  })
})

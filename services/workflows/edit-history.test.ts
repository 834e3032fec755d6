import { randomUUID } from 'node:crypto'
import { mkdtempSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { openFileBlobs } from '@weconnect/blobs/files'
import { isWeConnectError } from '@weconnect/contracts/errors'
import { openEmbeddedEventStore } from '@weconnect/eventstore/embedded'
import { openJournal } from '@weconnect/eventstore/open-journal'
import { openNodeRegistry } from '@weconnect/nodes/registry'
import type { NodeType } from '@weconnect/nodes/sdk/node'
import { openKeyFile } from '@weconnect/secrets/key-file'
import fc from 'fast-check'
import { afterAll, expect, test } from 'vitest'
import { canonicalJson } from './canonical-json.ts'
import type { EditCommand, WorkflowCommand } from './decider/commands.ts'
import { openWorkflows } from './open-workflows.ts'

type Untargeted<Command> = Command extends unknown ? Omit<Command, 'workflowId' | 'organisationId' | 'expectedVersion'> : never
type Edit = Untargeted<EditCommand>

const nodeId = fc.constantFrom('a', 'b', 'c', 'd')
const connectionId = fc.constantFrom('p', 'q', 'r', 's')
const name = fc.constantFrom('One', 'Two', "It's", 'constructor', ' ', 'Three')
const index = fc.constantFrom(0, 1, 2)
const port = fc.constantFrom('main', 'ai_tool')
const number = fc.integer({ min: -1000, max: 1000 })
const position = fc.record({ x: number, y: number, z: number }, { requiredKeys: ['x', 'y'] })
const expression = fc.constantFrom('={{ $("One").item.json.x }}', '={{ $node["Two"].json }}', 'plain')
const parameters = fc.dictionary(fc.constantFrom('path', 'jsCode', 'value'), fc.oneof(expression, fc.array(expression), number), {
  maxKeys: 3,
})
const options = fc.record({ disabled: fc.boolean(), maxTries: index, notes: fc.string() }, { requiredKeys: [] })
const nodeType = fc.constantFrom('test.webhook', 'test.unheard')

const of = <Type extends Edit['type']>(type: Type, fields: object = {}): fc.Arbitrary<Edit> =>
  fc.record({ type: fc.constant(type), ...fields }) as unknown as fc.Arbitrary<Edit>

/** Edits of a small workflow: few names and ids, so that they meet, repeat and contradict each other. */
const edit = fc.oneof(
  of('AddNode', { nodeId, name, nodeType, typeVersion: fc.constantFrom(1, 2), position, parameters, options }),
  of('AddNode', { nodeId, name, nodeType, typeVersion: fc.constantFrom(1, 2), position }),
  of('ConfigureNode', { nodeId, parameters }),
  of('ConfigureNode', { nodeId, options, typeVersion: fc.constantFrom(1, 2) }),
  of('MoveNode', { nodeId, position }),
  of('RenameNode', { nodeId, name }),
  of('RemoveNode', { nodeId }),
  of('ConnectNodes', {
    connectionId,
    sourceNodeId: nodeId,
    targetNodeId: nodeId,
    sourceIndex: index,
    sourceOutput: port,
    targetInput: port,
  }),
  of('ConnectNodes', { connectionId, sourceNodeId: nodeId, targetNodeId: nodeId, conditions: expression, transform: expression }),
  of('DisconnectNodes', { connectionId }),
  of('RenameWorkflow', { name }),
  of('DescribeWorkflow', { description: fc.string() }),
  of('TagWorkflow', { tags: fc.array(name, { maxLength: 3 }) }),
  of('CategoriseWorkflow', { category: fc.option(name, { nil: undefined }) }),
  of('MarkTemplate', { isTemplate: fc.boolean(), metadata: fc.option(parameters, { nil: undefined }) }),
  of('ChangeSettings', { settings: fc.constantFrom({}, { executionOrder: 'v1' }, { executionOrder: 'v9' }) }),
  of('ChangePinData', { pinData: fc.option(fc.dictionary(name, fc.constant([{ json: {} }])), { nil: undefined }) }),
  of('PublishWorkflow', { note: fc.option(fc.string(), { nil: undefined }) }),
  of('ActivateWorkflow', { version: fc.option(fc.constantFrom(1, 2), { nil: undefined }) }),
  of('DeactivateWorkflow'),
  of('ArchiveWorkflow'),
  of('RestoreWorkflow'),
)
const editHistory = fc.array(edit, { maxLength: 40 })

/** A node that can start a workflow, so that some of these can be published. */
const hook: NodeType = {
  definition: {
    name: 'test.webhook',
    displayName: 'Webhook',
    description: '',
    category: 'trigger',
    versions: [1, 2],
    properties: [],
    inputs: [],
    outputs: [],
    isTrigger: true,
    effects: 'pure',
  },
  execute: async () => [],
  validate: () => [],
}

const folder = mkdtempSync(join(tmpdir(), 'weconnect-edits-'))
const keyring = openKeyFile(join(folder, 'keys.json'))
const blobs = openFileBlobs({ folder: join(folder, 'blobs'), addressKey: (organisation) => keyring.derive(`blobs ${organisation}`) })
const store = openEmbeddedEventStore({ folder })
const journal = openJournal({ store, keyring, blobs, now: () => new Date().toISOString(), newId: randomUUID })
const triggers = { register: async () => {}, release: async () => {} }
const registry = openNodeRegistry([hook])
const open = () =>
  openWorkflows({
    journal,
    registry,
    triggers,
    credentials: { isKnown: async () => false },
    parseExpression: () => undefined,
    newId: randomUUID,
  })
const workflows = open()
afterAll(async () => {
  await store.close()
  rmSync(folder, { recursive: true })
})

const organisationId = randomUUID()
const context = { actor: 'user:1', organisationId, correlationId: 'c', causationId: 'c' }

/** A workflow after these edits; those that are refused change nothing. */
const edited = async (edits: readonly Edit[]) => {
  const to = { workflowId: randomUUID(), organisationId }
  let answered = await workflows.handle({ type: 'CreateWorkflow', ...to, name: 'Edited' }, context)
  for (const edit of edits) {
    answered = await workflows.handle({ ...edit, ...to } as WorkflowCommand, context).catch((error: unknown) => {
      if (isWeConnectError(error)) return workflows.load(to.workflowId, organisationId).then((now) => ({ ...answered, ...now }))
      throw error
    })
  }
  return answered
}

test('the state that was answered is the fold of the stream', async () => {
  await fc.assert(
    fc.asyncProperty(editHistory, async (edits) => {
      const answered = await edited(edits)
      const { workflow, revision } = await open().load(answered.workflowId, organisationId)
      expect(workflow).toEqual(answered.workflow)
      expect([revision, workflow.revision]).toEqual([answered.revision, answered.revision])
      expect(await open().contentAt(answered.workflowId, revision)).toEqual(workflow)
    }),
    { numRuns: 25 },
  )
})

test('what is exported imports to a workflow with the same export', async () => {
  await fc.assert(
    fc.asyncProperty(editHistory, async (edits) => {
      const { workflowId } = await edited(edits)
      const file = await workflows.exportWorkflow(workflowId, organisationId)
      const [copy] = await workflows.importWorkflows(JSON.stringify(file), context)
      const again = await workflows.exportWorkflow(copy!.workflowId, organisationId)
      expect(canonicalJson(again)).toBe(canonicalJson(file))
    }),
    { numRuns: 25 },
  )
})

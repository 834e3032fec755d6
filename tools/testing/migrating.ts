import type { JsonObject } from '@weconnect/contracts/json'
import type { WorkflowCommand } from '@weconnect/workflows/commands'
import { expect } from 'vitest'
import type { EngineFixture } from './engine-fixture.ts'
import { manual, type NodeSketch, setFields, workflowFile } from './n8n-workflow.ts'

export const signal = (name = 'go'): NodeSketch => ({ type: 'weconnect.waitForSignal', parameters: { name } })
type Command<Type> = Omit<Extract<WorkflowCommand, { type: Type }>, 'type' | 'workflowId' | 'organisationId'>

export interface MigrationAsked {
  readonly workflowId: string
  readonly executionIds: readonly string[]
  readonly nodes: readonly { readonly from: string; readonly to: string }[]
  readonly toVersion: number
}

export const simple = workflowFile(
  'simple',
  { Start: manual, First: setFields({ a: '={{ $json.n }}' }), Wait: signal(), Last: setFields({ seen: "={{ $('First').item.json.a }}" }) },
  ['Start -> First', 'First -> Wait', 'Wait -> Last'],
)

/** What a test of migrations does with workflows and executions. @param fixture the one that runs now */
export const migrating = (fixture: () => EngineFixture) => {
  /** A workflow of which version 1 is published, and ways to change it. */
  const publish = async (file: JsonObject) => {
    const [report] = await fixture().workflows.importWorkflows(file, fixture().context)
    const { workflowId } = report!
    const { organisationId } = fixture().context
    const handle = (command: object) =>
      fixture().workflows.handle({ ...command, workflowId, organisationId } as WorkflowCommand, fixture().context)
    const load = async () => (await fixture().workflows.load(workflowId, organisationId)).workflow
    const idOf = async (name: string) => (await load()).nodes.find((node) => node.name === name)!.nodeId
    const add = async (name: string, { type, version = 1, parameters = {} }: NodeSketch) => {
      const nodeId = crypto.randomUUID()
      const node: Command<'AddNode'> = { nodeId, name, nodeType: type, typeVersion: version, parameters, position: { x: 0, y: 0 } } as never
      await handle({ type: 'AddNode', ...node })
    }
    const connect = async (source: string, target: string, sourceIndex = 0, targetIndex = 0) =>
      handle({
        type: 'ConnectNodes',
        connectionId: crypto.randomUUID(),
        sourceNodeId: await idOf(source),
        targetNodeId: await idOf(target),
        sourceIndex,
        targetIndex,
      })
    const disconnect = async (source: string, target: string) => {
      const [from, to] = [await idOf(source), await idOf(target)]
      const { connections } = await load()
      const edge = connections.find(({ sourceNodeId, targetNodeId }) => sourceNodeId === from && targetNodeId === to)!
      await handle({ type: 'DisconnectNodes', connectionId: edge.connectionId })
    }
    const between = async (source: string, name: string, node: NodeSketch, target: string) => {
      await disconnect(source, target)
      await add(name, node)
      await connect(source, name)
      await connect(name, target)
    }
    const rename = async (from: string, name: string) => handle({ type: 'RenameNode', nodeId: await idOf(from), name })
    const configure = async (name: string, { parameters = {} }: NodeSketch) =>
      handle({ type: 'ConfigureNode', nodeId: await idOf(name), parameters })
    const remove = async (name: string) => handle({ type: 'RemoveNode', nodeId: await idOf(name) })
    const publishAgain = () => handle({ type: 'PublishWorkflow' })
    await publishAgain()
    return { workflowId, add, connect, disconnect, between, rename, configure, remove, publishAgain }
  }

  const run = async (workflowId: string, version = 1, n = 1) =>
    (await fixture().executions.run({ workflowId, version, input: [{ json: { n } }] }, fixture().context)).executionId
  const view = (id: string) => fixture().executions.view(id, fixture().context.organisationId)
  const becomes = (id: string, status: string) => expect.poll(async () => (await view(id)).status, { timeout: 60_000 }).toBe(status)
  const send = (executionId: string, name = 'go') => fixture().executions.signal({ executionId, name, payload: null }, fixture().context)
  const output = async (id: string) => ((await (await view(id)).output())[0] ?? []).map(({ json }) => json)
  const namesOf = async (id: string) => (await view(id)).steps.map(({ nodeName }) => nodeName)
  const equalReplay = async (id: string) =>
    expect(await fixture().executions.replay(id, fixture().context.organisationId)).toMatchObject({ equal: true, differences: [] })
  const request = (workflowId: string, executionIds: readonly string[], nodes: readonly { from: string; to: string }[] = []) => ({
    ...{ workflowId, executionIds, nodes },
    toVersion: 2,
  })
  const plan = async (asked: MigrationAsked) =>
    (await fixture().executions.planMigration(asked, fixture().context.organisationId)).executions
  const codes = async (asked: MigrationAsked) => (await plan(asked)).map(({ blockers }) => blockers.map(({ code }) => code))
  const migrate = async (asked: MigrationAsked) => {
    const { id } = await fixture().executions.migrate(asked, fixture().context)
    const read = () => fixture().executions.migration(id, fixture().context.organisationId)
    await expect.poll(async () => (await read()).status, { timeout: 60_000 }).toMatch(/completed|abandoned/)
    return read()
  }

  return { publish, run, view, becomes, send, output, namesOf, equalReplay, request, plan, codes, migrate }
}

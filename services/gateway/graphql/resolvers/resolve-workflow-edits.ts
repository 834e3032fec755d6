import type { Action } from '@weconnect/admin/permissions'
import { encodeCursor } from '@weconnect/contracts/cursor'
import { WeConnectError } from '@weconnect/contracts/errors'
import type { NodeOptions, Position3 } from '@weconnect/contracts/events/types'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import type { CreateWorkflow, EditCommand } from '@weconnect/workflows/commands'
import type { Handled, ImportReport } from '@weconnect/workflows/face'
import { allowed, commandContext, type GraphContext } from '../context.ts'
import type { Resolvers } from '../executable-schema.ts'
import { withoutNulls } from '../sources/given.ts'
import { edgeOf, nodeOfAggregate, workflowOfAggregate } from '../sources/workflow-source.ts'

/** A command without what every edit adds to it. */
type Bare<Command> = Command extends EditCommand ? Omit<Command, 'workflowId' | 'organisationId' | 'expectedVersion'> : never

interface Target {
  readonly workflowId: string
  readonly expectedVersion?: number | null
}
type OnNode<More = unknown> = More & { readonly nodeId: string }

const payloadOf = ({ workflow, revision, token }: Handled) => ({
  workflow: workflowOfAggregate(workflow, revision),
  position: encodeCursor(token),
  version: revision,
})

const nodePayload = (handled: Handled, nodeId: string) => {
  const node = handled.workflow.nodes.find((candidate) => candidate.nodeId === nodeId)
  return { ...payloadOf(handled), node: node && nodeOfAggregate(handled.workflowId, node) }
}

const connectionPayload = (handled: Handled, connectionId: string) => {
  const edge = handled.workflow.connections.find((candidate) => candidate.connectionId === connectionId)
  return { ...payloadOf(handled), connection: edge && edgeOf(handled.workflowId, edge) }
}

const handle = (
  context: GraphContext,
  action: Action,
  { workflowId, expectedVersion }: Target,
  command: Bare<EditCommand>,
): Promise<Handled> => {
  const principal = allowed(context, action)
  const target = { workflowId, organisationId: principal.organisationId, ...withoutNulls({ expectedVersion }) }
  return context.parts.workflows.handle({ ...command, ...target } as EditCommand, commandContext(context, principal))
}

/** A mutation that is one command and answers the workflow. */
const edit =
  <Args>(commandOf: (args: Args) => Bare<EditCommand>, action: Action = 'workflow:edit') =>
  async (_: unknown, args: Args & Target, context: GraphContext) =>
    payloadOf(await handle(context, action, args, commandOf(args)))

/** The same, answering the node too. */
const nodeEdit =
  <Args>(commandOf: (args: OnNode<Args>) => Bare<EditCommand>) =>
  async (_: unknown, args: OnNode<Args> & Target, context: GraphContext) =>
    nodePayload(await handle(context, 'workflow:edit', args, commandOf(args)), args.nodeId)

const objectOf = (what: string, value: JsonValue): JsonObject => {
  if (!isJsonObject(value)) throw new WeConnectError('INVALID_INPUT', `${what} must be an object`)
  return value
}

interface NodeFields {
  readonly typeVersion?: number | null
  readonly parameters?: JsonValue
  readonly options?: JsonValue
  readonly credentials?: JsonValue
}

const nodeFields = ({ typeVersion, ...objects }: NodeFields) => {
  const { parameters, options, credentials } = withoutNulls(objects)
  return {
    ...withoutNulls({ typeVersion }),
    ...(parameters !== undefined && { parameters: objectOf('parameters', parameters) }),
    ...(options !== undefined && { options: objectOf('options', options) as NodeOptions }),
    ...(credentials !== undefined && { credentials: objectOf('credentials', credentials) }),
  }
}

interface AddNodeInput extends NodeFields {
  readonly id?: string | null
  readonly name: string
  readonly type: string
  readonly position?: PositionInput | null
}
interface PositionInput {
  readonly x: number
  readonly y: number
  readonly z?: number | null
}
const positionOf = (position: PositionInput | null | undefined): Position3 => ({ x: 0, y: 0, ...withoutNulls(position ?? {}) })

const addNode = async (_: unknown, { input, ...target }: Target & { readonly input: AddNodeInput }, context: GraphContext) => {
  const nodeId = input.id ?? context.parts.newId()
  const typeVersion = input.typeVersion ?? context.parts.registry.versionsOf(input.type).at(-1) ?? 1
  const { name, type: nodeType, position } = input
  const command = { type: 'AddNode', nodeId, name, nodeType, position: positionOf(position), ...nodeFields(input), typeVersion } as const
  return nodePayload(await handle(context, 'workflow:edit', target, command), nodeId)
}

interface ConnectNodesInput {
  readonly id?: string | null
  readonly sourceNodeId: string
  readonly targetNodeId: string
  readonly sourceOutput?: string | null
  readonly sourceIndex?: number | null
  readonly targetInput?: string | null
  readonly targetIndex?: number | null
  readonly conditions?: JsonValue
  readonly transform?: JsonValue
}

const connectNodes = async (_: unknown, { input, ...target }: Target & { readonly input: ConnectNodesInput }, context: GraphContext) => {
  const { id, sourceNodeId, targetNodeId, ...optional } = input
  const connectionId = id ?? context.parts.newId()
  const command = { type: 'ConnectNodes', connectionId, sourceNodeId, targetNodeId, ...withoutNulls(optional) } as const
  return connectionPayload(await handle(context, 'workflow:edit', target, command), connectionId)
}

type CreateInput = Pick<CreateWorkflow, 'name' | 'description' | 'category' | 'tags'> & { readonly settings?: JsonValue }

const createWorkflow = async (_: unknown, { input }: { readonly input: CreateInput }, context: GraphContext) => {
  const principal = allowed(context, 'workflow:edit')
  const { settings, name: _name, ...optional } = withoutNulls(input)
  const command: CreateWorkflow = {
    type: 'CreateWorkflow',
    workflowId: context.parts.newId(),
    organisationId: principal.organisationId,
    name: input.name,
    ...optional,
    ...(settings !== undefined && { settings: objectOf('settings', settings) }),
  }
  return payloadOf(await context.parts.workflows.handle(command, commandContext(context, principal)))
}

const reportOf = (report: ImportReport) => {
  const { name, nodes, connections, notes } = report
  return { ...payloadOf(report), name, nodes, connections, notes }
}

interface ImportArgs {
  readonly json: JsonValue
  readonly nameWhenAbsent?: string | null
}

const importWorkflow = async (_: unknown, { json, nameWhenAbsent }: ImportArgs, context: GraphContext) => {
  const principal = allowed(context, 'workflow:edit')
  const options = withoutNulls({ nameWhenAbsent })
  const reports = await context.parts.workflows.importWorkflows(json, commandContext(context, principal), options)
  const workflows = reports.map(reportOf)
  return { workflows, position: workflows.at(-1)?.position ?? null }
}

export const workflowEditResolvers: Resolvers = {
  Mutation: {
    createWorkflow,
    importWorkflow,
    renameWorkflow: edit(({ name }: { name: string }) => ({ type: 'RenameWorkflow', name })),
    describeWorkflow: edit(({ description }: { description: string }) => ({ type: 'DescribeWorkflow', description })),
    tagWorkflow: edit(({ tags }: { tags: readonly string[] }) => ({ type: 'TagWorkflow', tags })),
    categoriseWorkflow: edit(({ category }: { category?: string | null }) => ({
      type: 'CategoriseWorkflow',
      ...withoutNulls({ category }),
    })),
    markTemplate: edit(({ isTemplate, metadata }: { isTemplate: boolean; metadata?: JsonValue }) => ({
      type: 'MarkTemplate',
      isTemplate,
      ...withoutNulls({ metadata }),
    })),
    changeSettings: edit(({ settings }: { settings: JsonValue }) => ({ type: 'ChangeSettings', settings: objectOf('settings', settings) })),
    changeFlowControl: edit(({ flowControl }: { flowControl?: JsonValue }) => ({
      type: 'ChangeFlowControl',
      ...(flowControl !== undefined && flowControl !== null && { flowControl: objectOf('flowControl', flowControl) }),
    })),
    changePinData: edit(({ pinData }: { pinData?: JsonValue }) => ({
      type: 'ChangePinData',
      ...(pinData !== undefined && pinData !== null && { pinData: objectOf('pinData', pinData) }),
    })),
    addNode,
    configureNode: nodeEdit(({ nodeId, input }: OnNode<{ input: NodeFields }>) => ({
      type: 'ConfigureNode',
      nodeId,
      ...nodeFields(input),
    })),
    moveNode: nodeEdit(({ nodeId, position }: OnNode<{ position: PositionInput }>) => ({
      type: 'MoveNode',
      nodeId,
      position: positionOf(position),
    })),
    renameNode: nodeEdit(({ nodeId, name }: OnNode<{ name: string }>) => ({ type: 'RenameNode', nodeId, name })),
    removeNode: edit(({ nodeId }: OnNode) => ({ type: 'RemoveNode', nodeId })),
    connectNodes,
    disconnectNodes: edit(({ connectionId }: { connectionId: string }) => ({ type: 'DisconnectNodes', connectionId })),
    publishWorkflow: edit(
      ({ note }: { note?: string | null }) => ({ type: 'PublishWorkflow', ...withoutNulls({ note }) }),
      'workflow:publish',
    ),
    activateWorkflow: edit(
      ({ version }: { version?: number | null }) => ({ type: 'ActivateWorkflow', ...withoutNulls({ version }) }),
      'workflow:activate',
    ),
    deactivateWorkflow: edit(() => ({ type: 'DeactivateWorkflow' }), 'workflow:activate'),
    archiveWorkflow: edit(() => ({ type: 'ArchiveWorkflow' })),
    restoreWorkflow: edit(() => ({ type: 'RestoreWorkflow' })),
  },
}

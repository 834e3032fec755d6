import type { Context } from '@weconnect/contracts/envelope'
import { isWeConnectError } from '@weconnect/contracts/errors'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import type { WorkflowCommand } from './decider/commands.ts'
import type { Handled, Workflows } from './face.ts'
import type { Workflow } from './model.ts'
import type { ImportedShape, ImportNote, ParsedWorkflow } from './n8n/import-n8n.ts'
import type { ImportedIds } from './n8n/imported-ids.ts'
import { calledBy, errorWorkflowIn, type NamingNode, type Renamed, renamedIn, renamedInSettings } from './workflow-references.ts'

export interface LinkParts {
  readonly importedIds: ImportedIds
  readonly load: Workflows['load']
  readonly run: (command: WorkflowCommand, context: Context) => Promise<Handled>
}

export interface WorkflowLinks {
  /**
   * Workflows of a file that name others by the ids here, as far as those are known; what is not known is told, and noted for an import to come.
   * @param ids that the workflows get, in order
   */
  linked(parsed: readonly ParsedWorkflow[], ids: readonly string[], context: Context): Promise<readonly ParsedWorkflow[]>
  /** A workflow is imported: those that named it before it was there name it by its id here. @returns notes that say which */
  announce(parsed: ParsedWorkflow, workflowId: string, context: Context): Promise<readonly ImportNote[]>
  /** An exported file names workflows by the ids that their own files have. */
  exported(file: JsonObject, organisationId: string): Promise<JsonObject>
}

/** Ids of workflows made here. */
const ours = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

export const openWorkflowLinks = ({ importedIds, load, run }: LinkParts): WorkflowLinks => {
  const usable = async (workflowId: string, organisationId: string): Promise<Workflow | undefined> => {
    if (!ours.test(workflowId)) return undefined
    try {
      const { workflow } = await load(workflowId, organisationId)
      return workflow.status === 'archived' ? undefined : workflow
    } catch (error) {
      if (isWeConnectError(error, 'NOT_FOUND')) return undefined
      throw error
    }
  }

  /** The id here of what a file names; undefined when there is none. */
  const resolve = async (id: string, { organisationId }: Context): Promise<string | undefined> => {
    if (await usable(id, organisationId)) return id
    const workflowId = await importedIds.workflowOf(id, organisationId)
    return workflowId !== undefined && (await usable(workflowId, organisationId)) ? workflowId : undefined
  }

  const linkedOne = async (
    parsed: ParsedWorkflow,
    workflowId: string,
    inFile: ReadonlyMap<string, string>,
    context: Context,
  ): Promise<ParsedWorkflow> => {
    const found = new Map<string, string>()
    for (const id of namedIn(parsed)) {
      const here = inFile.get(id) ?? (await resolve(id, context))
      if (here === undefined) await importedIds.await(id, workflowId, context)
      else found.set(id, here)
    }
    const { content, notes } = parsed
    const renamed: Renamed = (id) => found.get(id)
    return {
      content: {
        ...content,
        nodes: content.nodes.map((node) => withParameters(node, renamedIn(naming(node), renamed))),
        settings: renamedInSettings(content.settings, renamed),
      },
      notes: [...notes, ...notesOn(parsed, found)],
    }
  }

  /** @returns the workflow when it named it, and was changed */
  const relink = async (workflowId: string, renamed: Renamed, context: Context): Promise<Workflow | undefined> => {
    const target = { workflowId, organisationId: context.organisationId }
    const workflow = await usable(workflowId, context.organisationId)
    if (!workflow) return undefined
    let edits = 0
    for (const { nodeId, ...node } of workflow.nodes) {
      const parameters = renamedIn(naming(node), renamed)
      if (parameters === node.parameters) continue
      await run({ type: 'ConfigureNode', ...target, nodeId, parameters }, context)
      edits += 1
    }
    const settings = renamedInSettings(workflow.settings, renamed)
    if (settings !== workflow.settings) {
      await run({ type: 'ChangeSettings', ...target, settings }, context)
      edits += 1
    }
    return edits > 0 ? workflow : undefined
  }

  return {
    linked: async (parsed, ids, context) => {
      const inFile = idsOf(parsed, ids)
      const linked: ParsedWorkflow[] = []
      for (const [index, workflow] of parsed.entries()) linked.push(await linkedOne(workflow, ids[index]!, inFile, context))
      return linked
    },
    announce: async (parsed, workflowId, context) => {
      const id = fileIdOf(parsed.content.imported)
      if (id === undefined) return []
      const notes: ImportNote[] = []
      for (const waiting of await importedIds.link(id, workflowId, context)) {
        const changed = await relink(waiting, (named) => (named === id ? workflowId : undefined), context)
        if (changed)
          notes.push({ kind: 'changed', message: `"${changed.name}", which was imported before, names it: its draft is linked now` })
      }
      return notes
    },
    exported: async (file, organisationId) => {
      const nodes = isList(file['nodes']) ? file['nodes'].filter(isJsonObject) : []
      const named = new Set([...nodes.map((node) => calledBy(namingInFile(node))?.id), errorWorkflowIn(file['settings'])])
      const files = new Map<string, string>()
      for (const id of named) {
        const theirs = id === undefined ? undefined : fileIdOf((await usable(id, organisationId))?.imported)
        if (id !== undefined && theirs !== undefined) files.set(id, theirs)
      }
      if (files.size === 0) return file
      const renamed: Renamed = (id) => files.get(id)
      const settings = file['settings']
      return {
        ...file,
        nodes: nodes.map((node) => withParameters(node, renamedIn(namingInFile(node), renamed))),
        ...(isJsonObject(settings) && { settings: renamedInSettings(settings, renamed) }),
      }
    },
  }
}

const isList = (value: JsonValue | undefined): value is readonly JsonValue[] => Array.isArray(value)

const naming = ({ nodeType, parameters }: { readonly nodeType: string; readonly parameters: JsonValue }): NamingNode => ({
  nodeType,
  parameters: isJsonObject(parameters) ? parameters : {},
})
const namingInFile = ({ type, parameters = {} }: JsonObject): NamingNode =>
  naming({ nodeType: typeof type === 'string' ? type : '', parameters })

const withParameters = <Node extends { readonly parameters?: JsonValue | undefined }>(node: Node, parameters: JsonObject): Node =>
  Object.keys(parameters).length === 0 || parameters === node.parameters ? node : { ...node, parameters }

/** The id that a workflow has in the file it came from. */
const fileIdOf = (imported: JsonValue | undefined): string | undefined => {
  const id = (imported as unknown as ImportedShape | undefined)?.keys['id']
  return (typeof id === 'string' && id !== '') || typeof id === 'number' ? String(id) : undefined
}

/** Ids here by the ids of the file; a file may give one id to several, which then names none. */
const idsOf = (parsed: readonly ParsedWorkflow[], ids: readonly string[]): ReadonlyMap<string, string> => {
  const all = parsed.map(({ content }, index) => [fileIdOf(content.imported), ids[index]!] as const)
  const isUnique = (id: string): boolean => all.filter(([each]) => each === id).length === 1
  return new Map(all.flatMap(([id, workflowId]) => (id !== undefined && isUnique(id) ? [[id, workflowId] as const] : [])))
}

const namedIn = ({ content: { nodes, settings } }: ParsedWorkflow): ReadonlySet<string> => {
  const called = nodes.map((node) => calledBy(naming(node))).flatMap((each) => (each && !each.isExpression ? [each.id] : []))
  const errorWorkflow = errorWorkflowIn(settings)
  return new Set(errorWorkflow === undefined ? called : [...called, errorWorkflow])
}

const notHere = 'is not here yet: import it too, and this one is linked to it, or choose another'

const notesOn = ({ content: { nodes, settings } }: ParsedWorkflow, found: ReadonlyMap<string, string>): readonly ImportNote[] => {
  const notes: ImportNote[] = []
  for (const node of nodes) {
    const called = calledBy(naming(node))
    if (!called || found.has(called.id)) continue
    const message = called.isExpression
      ? 'the workflow that it calls is an expression: see that it gives the id of a workflow here'
      : `the workflow that it calls ("${called.name ?? called.id}") ${notHere}`
    notes.push({ node: node.name, nodeType: node.nodeType, kind: 'warning', message })
  }
  const errorWorkflow = errorWorkflowIn(settings)
  if (errorWorkflow !== undefined && !found.has(errorWorkflow))
    notes.push({ kind: 'warning', message: `the workflow that settings.errorWorkflow names (${errorWorkflow}) ${notHere}` })
  return notes
}

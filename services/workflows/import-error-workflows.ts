import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import type { ImportedShape, ParsedWorkflow } from './import-n8n.ts'

const shapeOf = ({ content }: ParsedWorkflow): ImportedShape => content.imported as unknown as ImportedShape

/** Ids here by the ids of the file; a file may give one id to several, which then names none. */
const idsOf = (parsed: readonly ParsedWorkflow[], ids: readonly string[]): ReadonlyMap<JsonValue, string> => {
  const all = parsed.map((workflow, index) => [shapeOf(workflow).keys['id'], ids[index]!] as const)
  const isUnique = (id: JsonValue | undefined): boolean => all.filter(([each]) => each === id).length === 1
  return new Map(all.filter(([id]) => typeof id === 'string' && id !== '' && isUnique(id)) as readonly (readonly [string, string])[])
}

/** Settings that name the error workflow by its id here; an export gives the file's own back, as long as they stay so. */
const renamed = (workflow: ParsedWorkflow, errorWorkflow: string): ParsedWorkflow => {
  const shape = shapeOf(workflow)
  const { settings } = workflow.content
  const changed: JsonObject = { ...settings, errorWorkflow }
  const imported: ImportedShape = {
    ...shape,
    keys: { ...shape.keys, settings },
    defaults: { ...shape.defaults, settings: changed },
  }
  return { ...workflow, content: { ...workflow.content, settings: changed, imported: imported as unknown as JsonObject } }
}

const unknownNote = {
  kind: 'warning',
  message: 'settings.errorWorkflow names a workflow that is not in this file: choose it again here',
} as const

/**
 * Workflows that name one of the same file as their error workflow name it by its new id; a name that leads nowhere is told.
 * @param ids that the workflows get, in order
 */
export const withOwnErrorWorkflows = (parsed: readonly ParsedWorkflow[], ids: readonly string[]): readonly ParsedWorkflow[] => {
  const known = idsOf(parsed, ids)
  return parsed.map((workflow) => {
    const { settings } = workflow.content
    const named = isJsonObject(settings) ? settings['errorWorkflow'] : undefined
    if (typeof named !== 'string' || named === '' || named === 'DEFAULT') return workflow
    const own = known.get(named)
    return own === undefined ? { ...workflow, notes: [...workflow.notes, unknownNote] } : renamed(workflow, own)
  })
}

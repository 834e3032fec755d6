import type { WorkflowEvent } from '@weconnect/contracts/events/workflow'
import { sameJson } from '../canonical-json.ts'
import type { Workflow } from '../model.ts'
import { checkPlainJson } from '../plain-json.ts'
import type { DetailCommand, EditCommand } from './commands.ts'
import { checkedName, checkedSettings, checkedTags } from './field-checks.ts'

const detailCommands: readonly string[] = [
  'RenameWorkflow',
  'DescribeWorkflow',
  'TagWorkflow',
  'CategoriseWorkflow',
  'MarkTemplate',
  'ChangeSettings',
  'ChangeFlowControl',
  'ChangePinData',
] satisfies DetailCommand['type'][]
export const isDetailCommand = (command: EditCommand): command is DetailCommand => detailCommands.includes(command.type)

/** An event, unless what it would say is so already. */
const unlessSame = (before: unknown, after: unknown, event: WorkflowEvent): WorkflowEvent[] => (sameJson(before, after) ? [] : [event])

export const decideDetail = (command: DetailCommand, workflow: Workflow): WorkflowEvent[] => {
  switch (command.type) {
    case 'RenameWorkflow': {
      const name = checkedName(command.name, 'name of a workflow')
      return unlessSame(workflow.name, name, { type: 'WorkflowRenamed', data: { name } })
    }
    case 'DescribeWorkflow': {
      const { description } = command
      return unlessSame(workflow.description, description, { type: 'WorkflowDescribed', data: { description } })
    }
    case 'TagWorkflow': {
      const tags = checkedTags(command.tags)
      return unlessSame(workflow.tags, tags, { type: 'WorkflowTagged', data: { tags } })
    }
    case 'CategoriseWorkflow': {
      const data = command.category ? { category: command.category } : {}
      return unlessSame({ category: workflow.category }, data, { type: 'WorkflowCategorised', data })
    }
    case 'MarkTemplate': {
      checkPlainJson(command.metadata ?? null, '$.metadata')
      const data = { isTemplate: command.isTemplate, ...(command.metadata != null && { metadata: command.metadata }) }
      const before = { isTemplate: workflow.isTemplate, metadata: workflow.templateMetadata }
      return unlessSame(before, data, { type: 'WorkflowMarkedTemplate', data })
    }
    case 'ChangeSettings': {
      const settings = checkedSettings(command.settings)
      return unlessSame(workflow.settings, settings, { type: 'SettingsChanged', data: { settings } })
    }
    case 'ChangeFlowControl': {
      const { flowControl: _, ...others } = workflow.settings
      const settings = checkedSettings(command.flowControl ? { ...others, flowControl: command.flowControl } : others)
      return unlessSame(workflow.settings, settings, { type: 'SettingsChanged', data: { settings } })
    }
    case 'ChangePinData': {
      checkPlainJson(command.pinData ?? {}, '$.pinData')
      const data = command.pinData ? { pinData: command.pinData } : {}
      return unlessSame({ pinData: workflow.pinData }, data, { type: 'PinDataChanged', data })
    }
  }
}

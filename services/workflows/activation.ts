import type { Context } from '@weconnect/contracts/envelope'
import type { ActivateWorkflow, ArchiveWorkflow, DeactivateWorkflow, WorkflowCommand } from './decider/commands.ts'
import type { workflowDecider } from './decider/decide.ts'
import type { Handled, TriggerRegistrar, Workflows } from './face.ts'
import type { Workflow } from './model.ts'
import { revisionOf } from './published-versions.ts'

interface ActivationParts {
  readonly run: (command: WorkflowCommand, context: Context) => Promise<Handled>
  readonly load: Workflows['load']
  readonly decide: ReturnType<typeof workflowDecider>
  readonly workflowAt: (workflowId: string, revision: number) => Promise<Workflow>
  readonly triggers: TriggerRegistrar
}

/**
 * Switching a workflow on and off, which spans streams: the triggers are held before the workflow says that it is active, and released after it says that
 * it is not. A crash in between leaves triggers too many, never too few; the same command again puts it right.
 */
export const liveTriggers = ({ run, load, decide, workflowAt, triggers }: ActivationParts) => {
  /** Publishes what is to go live, or checks that it was. */
  const prepare = async (command: ActivateWorkflow, context: Context): Promise<Workflow> => {
    if (command.version === undefined) return (await run({ ...command, type: 'PublishWorkflow' }, context)).workflow
    const { workflow } = await load(command.workflowId, context.organisationId)
    decide(command, workflow)
    return workflow
  }

  const register = async (workflow: Workflow, version: number, context: Context): Promise<void> => {
    await triggers.register(workflow.workflowId, version, await workflowAt(workflow.workflowId, revisionOf(workflow, version)), context)
  }

  /** Back to the triggers of the version that is live; those of the other may have taken over its paths. */
  const restore = async (workflow: Workflow, context: Context): Promise<void> => {
    if (workflow.activeVersion > 0) await register(workflow, workflow.activeVersion, context)
    await triggers.release(workflow.workflowId, workflow.activeVersion || undefined, context)
  }

  const goLive = async (command: ActivateWorkflow, workflow: Workflow, version: number, context: Context): Promise<Handled> => {
    try {
      await register(workflow, version, context)
      return await run({ ...command, version, expectedVersion: undefined }, context)
    } catch (error) {
      // What failed first is what the caller must hear of; the next activation or deactivation clears what this could not.
      await restore(workflow, context).catch(() => undefined)
      throw error
    }
  }

  const activate = async (command: ActivateWorkflow, context: Context): Promise<Handled> => {
    const workflow = await prepare(command, context)
    const version = command.version ?? workflow.version
    const handled = await goLive(command, workflow, version, context)
    await triggers.release(command.workflowId, version, context)
    return handled
  }

  const switchOff = async (command: DeactivateWorkflow | ArchiveWorkflow, context: Context): Promise<Handled> => {
    const handled = await run(command, context)
    await triggers.release(command.workflowId, undefined, context)
    return handled
  }

  return { activate, switchOff }
}

import type { Context, WriteToken } from '@weconnect/contracts/envelope'
import type { Problem } from '@weconnect/contracts/errors'
import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import type { WorkflowCommand } from './decider/commands.ts'
import type { Workflow, WorkflowContent } from './model.ts'

export interface Handled {
  readonly workflowId: string
  /** Revision of the workflow after the command: the expected version of the next edit. */
  readonly revision: number
  readonly token: WriteToken
  readonly workflow: Workflow
}

/** What an import says of one workflow, node by node. */
export interface ImportReport extends Handled {
  readonly name: string
  readonly nodes: number
  readonly connections: number
  /** What cannot run yet, or was changed on the way in, and why. Empty: everything can run. */
  readonly notes: readonly {
    readonly node?: string
    readonly nodeType?: string
    readonly kind: 'notRunnable' | 'changed' | 'warning'
    readonly message: string
  }[]
}

export interface Workflows {
  /** @throws WeConnectError NOT_FOUND (also for another organisation's), STALE_EXPECTED_VERSION, WORKFLOW_INVALID with every problem, NAME_TAKEN, ... */
  handle(command: WorkflowCommand, context: Context): Promise<Handled>
  load(workflowId: string, organisationId: string): Promise<{ readonly workflow: Workflow; readonly revision: number }>
  /** Content that ran at that revision; cached. */
  contentAt(workflowId: string, revision: number): Promise<WorkflowContent>
  /**
   * One n8n file, as text or parsed: a workflow, an array of them, or {workflows: [...]}; nothing is written when it is not one.
   * @param options.nameWhenAbsent for files without a name, such as the name of the file
   * @throws WeConnectError MALFORMED_JSON, INVALID_INPUT with the JSON path
   */
  importWorkflows(file: unknown, context: Context, options?: { readonly nameWhenAbsent?: string }): Promise<readonly ImportReport[]>
  exportWorkflow(workflowId: string, organisationId: string, version?: number): Promise<JsonObject>
  /** Every problem that would refuse a publish. */
  problems(workflow: WorkflowContent): readonly Problem[]
}

/**
 * Live triggers of a version, kept by the service that they belong to (webhooks, schedules): `register` is called before WorkflowActivated is appended,
 * `release` after it, and after WorkflowDeactivated.
 */
export interface TriggerRegistrar {
  /**
   * Takes what its kind of node in `content` asks for; what is held already stays.
   * @throws WeConnectError WEBHOOK_PATH_TAKEN naming method, path and the workflow that holds it
   */
  register(
    workflowId: string,
    version: number,
    content: Pick<WorkflowContent, 'name' | 'nodes' | 'settings'>,
    context: Context,
  ): Promise<void>
  /** Releases what the workflow holds, except what is registered for `keepVersion`. */
  release(workflowId: string, keepVersion: number | undefined, context: Context): Promise<void>
}

/** Several kinds of triggers as one; each is asked in turn. */
export const allRegistrars = (...registrars: readonly TriggerRegistrar[]): TriggerRegistrar => ({
  register: async (...version) => {
    for (const registrar of registrars) await registrar.register(...version)
  },
  release: async (...version) => {
    for (const registrar of registrars) await registrar.release(...version)
  },
})

/** What an import asks of the credentials. */
export interface CredentialLookup {
  /** Whether a node's reference, `{id, name}` or a name, finds a credential of the organisation. */
  isKnown(organisationId: string, type: string, reference: JsonValue): Promise<boolean>
}

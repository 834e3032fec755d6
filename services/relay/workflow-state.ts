import type { RecordedEvent } from './recorded-event.ts'

/** The record WorkflowState of contracts/states. */
export interface WorkflowState {
  readonly workflowId: string
  readonly organisationId: string
  readonly revision: number
  readonly updatedAt: string
  readonly status: 'draft' | 'active' | 'inactive' | 'archived'
  readonly name: string
  readonly category?: string | undefined
  readonly tags: readonly string[]
  readonly isTemplate: boolean
  readonly publishedVersion: number
  readonly activeVersion: number
  readonly createdAt?: string
}

const begun = ({ stored, metadata }: RecordedEvent): WorkflowState => ({
  workflowId: stored.stream.slice('workflow-'.length),
  organisationId: metadata.organisationId,
  revision: -1,
  updatedAt: metadata.time,
  status: 'draft',
  name: '',
  tags: [],
  isTemplate: false,
  publishedVersion: 0,
  activeVersion: 0,
})

export const foldWorkflow = (before: WorkflowState | undefined, event: RecordedEvent): WorkflowState => {
  const state = before ?? begun(event)
  return { ...state, ...changeOf(event), revision: event.stored.revision, updatedAt: event.metadata.time }
}

const changeOf = ({ metadata, data }: RecordedEvent): Partial<WorkflowState> => {
  switch (metadata.type) {
    case 'WorkflowCreated':
      return {
        name: data['name'] as string,
        tags: (data['tags'] ?? []) as readonly string[],
        category: (data['category'] ?? undefined) as string | undefined,
        createdAt: metadata.time,
      }
    case 'WorkflowRenamed':
      return { name: data['name'] as string }
    case 'WorkflowTagged':
      return { tags: data['tags'] as readonly string[] }
    case 'WorkflowCategorised':
      return { category: (data['category'] ?? undefined) as string | undefined }
    case 'WorkflowMarkedTemplate':
      return { isTemplate: data['isTemplate'] === true }
    case 'WorkflowPublished':
      return { publishedVersion: data['version'] as number }
    case 'WorkflowActivated':
      return { status: 'active', activeVersion: data['version'] as number }
    case 'WorkflowDeactivated':
      return { status: 'inactive', activeVersion: 0 }
    case 'WorkflowArchived':
      return { status: 'archived', activeVersion: 0 }
    case 'WorkflowRestored':
      return { status: 'inactive' }
    default:
      return {}
  }
}

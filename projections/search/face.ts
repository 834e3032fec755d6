export type SearchKind = 'workflow' | 'execution' | 'node'

export interface SearchHit {
  readonly kind: SearchKind
  /** Workflow id, execution id, or `{workflow id}/{node id}`. */
  readonly id: string
  readonly workflowId: string
  /** Name of the workflow or node; of an execution, the code of its error. */
  readonly title: string
  /** Where the words were found, each between « and ». */
  readonly snippet: string
  /** Higher is better; only good for comparing hits of one answer. */
  readonly rank: number
  readonly updatedAt: string
}

export interface SearchArgs {
  readonly organisationId: string
  readonly text: string
  readonly kinds?: readonly SearchKind[] | undefined
  /** 20 unless given, 100 at most. */
  readonly limit?: number | undefined
}

/** What is asked of the search documents, whichever store keeps them. */
export interface Search {
  /**
   * Workflows (name, description, tags, types of their nodes), nodes (name, type, notes) and failed executions (error) that hold every word, or a
   * word that begins with it, or whose title holds the text or is similar to it. The best first. Archived workflows and their nodes are left out.
   */
  find(args: SearchArgs): Promise<readonly SearchHit[]>
}

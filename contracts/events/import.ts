// Generated from contracts/schemas by `./weconnect generate`. Do not edit.

/** An imported workflow names an id with which no workflow has been imported: it is linked when one is. */
export interface ImportedIdAwaited {
  readonly type: 'ImportedIdAwaited'
  readonly data: {
    /** Workflow that names it. */
    readonly workflowId: string
  }
}

/** A workflow was imported whose file has this id: who names the id from now on means this workflow. One stream for each id of an organisation. */
export interface ImportedIdLinked {
  readonly type: 'ImportedIdLinked'
  readonly data: {
    /** Workflow that has the id in its file. */
    readonly workflowId: string
  }
}

export type ImportEvent = ImportedIdAwaited | ImportedIdLinked

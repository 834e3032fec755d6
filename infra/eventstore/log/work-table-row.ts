import type { WorkRow } from '../port.ts'

/** A row of open work as SQL tables hold it. */
export interface WorkTableRow {
  readonly stream: string
  readonly status: WorkRow['status']
  readonly worker: string | null
  readonly epoch: number | null
  readonly due_at: number | null
}

export const workRowOf = ({ stream, status, worker, epoch, due_at }: WorkTableRow): WorkRow => ({
  ...{ stream, status },
  ...(worker !== null && { worker }),
  ...(epoch !== null && { epoch }),
  ...(due_at !== null && { dueAt: due_at }),
})

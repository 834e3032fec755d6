import type { NodeResponse } from '@weconnect/nodes/sdk/node'
import type { RunEnd } from '../decider/run-end.ts'

type Answer = (response: NodeResponse) => void

/** Callers of executions that wait for their turn: nothing else of these is in memory. */
export class ParkedCallers {
  readonly #callers = new Map<string, { readonly answer: Answer; readonly resolve: (end: RunEnd) => void }>()

  /** Resolves when the execution has ended; at once, as paused, when nobody waits for its answer. */
  park(executionId: string, answer: Answer | undefined): Promise<RunEnd> {
    const { promise, resolve } = Promise.withResolvers<RunEnd>()
    if (answer) this.#callers.set(executionId, { answer, resolve })
    else resolve({ kind: 'paused' })
    return promise
  }

  answerOf(executionId: string): Answer | undefined {
    return this.#callers.get(executionId)?.answer
  }

  tell(executionId: string, end: RunEnd): void {
    this.#callers.get(executionId)?.resolve(end)
    this.#callers.delete(executionId)
  }

  close(): void {
    for (const { resolve } of this.#callers.values()) resolve({ kind: 'stopped' })
  }
}

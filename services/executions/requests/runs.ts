import type { Context } from '@weconnect/contracts/envelope'
import type { ExecutionRequested } from '@weconnect/contracts/events/execution'
import type { BinaryData, Outputs } from '@weconnect/contracts/items'
import type { JsonValue } from '@weconnect/contracts/json'
import type { Window } from '@weconnect/flow/gathering-state'
import type { SlotWait } from '@weconnect/flow/slot-parts'
import type { WorkflowContent } from '@weconnect/workflows/model'
import type { RecordedExecution } from '../stream/recorded.ts'
import type { RecordedResult } from './ended.ts'
import type { Execution } from './execution-handle.ts'
import type { ExecuteRequest } from './execution-start.ts'

type Requested = ExecutionRequested['data']

/** Executions for those who ask for them: they run in this process, or in whichever has an engine. */
export interface Runs {
  /** Asks for an execution. With `answer: immediately` it runs when it is its turn. */
  execute(request: ExecuteRequest): Execution
  /** Runs an execution that is in the log, such as one that was forked, from where its stream stands. */
  take(executionId: string): void
  /**
   * Ends the wait of an execution that waits for a call, and goes on with it. `accepted` resolves when that is on disk.
   * @throws WeConnectError NOT_FOUND, INVALID_STATE when it waits for no call: `accepted` and `ended` reject
   */
  resume(executionId: string, input: Outputs, context: Pick<Context, 'actor' | 'organisationId'>): Execution
  /** Whether it runs in this process, or waits here for a place. */
  isRunning(executionId: string): boolean
  status(): { readonly ready: boolean; readonly running: number; readonly queued: number }
  /** Waits for the last event of an execution, wherever it runs. */
  endOf(executionId: string, signal: AbortSignal): Promise<RecordedExecution>
  /** How an execution ended, wherever it ran, with its last items and what it answered. */
  resultOf(executionId: string, signal: AbortSignal): Promise<RecordedResult>
  /** What an execution that is put aside, and not in the log, waits for. */
  windowOf(executionId: string, organisationId: string): Promise<Window | undefined>
  /** What a fork has to hold before it is run: part of its request. */
  forkedFlow(requested: Requested, content: WorkflowContent, organisationId: string): Partial<Requested>
  /** What it must hold before it goes on, and who holds it. */
  slotWait(executionId: string, flow: JsonValue | undefined): Promise<SlotWait | undefined>
  /** The bytes of a file that an item of an execution carries. @throws WeConnectError PAYLOAD_UNREADABLE */
  bytesOf(file: BinaryData, organisationId: string): Promise<Buffer>
  /** Keeps a file whose bytes come one after the other: what stands for it in an item. Durable when it resolves. @throws what `pieces` throws */
  keepFile(pieces: AsyncIterable<Buffer>, organisationId: string): Promise<Pick<BinaryData, 'data' | 'id' | 'bytes'>>
}

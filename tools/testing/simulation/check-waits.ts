import type { Envelope } from '@weconnect/contracts/envelope'
import type { ExecutionEvent } from '@weconnect/contracts/events/execution'
import { isJsonObject, type JsonObject } from '@weconnect/contracts/json'
import type { ExecutionView } from '@weconnect/executions/view/face'
import type { Said } from './speaker.ts'

type Events = readonly Envelope<ExecutionEvent>[]

/** Holds what people said to an execution against what became of it: each word is in the log once, and ends at most one wait. */
export const waitProblems = async (view: ExecutionView, events: Events, heard: readonly Said[]): Promise<string[]> => {
  const problems = [...wordProblems(events, heard), ...pauseProblems(events), ...(await outcomeProblems(view, events))]
  return problems.map((problem) => `${view.executionId}: ${problem}`)
}

const wordProblems = (events: Events, heard: readonly Said[]): string[] => {
  const problems: string[] = []
  const words = new Set<string>()
  const answered = new Set<number>()
  const note = (id: string, step?: number): void => {
    if (words.has(id)) problems.push(`${id} is in the log twice`)
    if (id !== '') words.add(id)
    if (step === undefined) return
    if (answered.has(step)) problems.push(`step ${step} was answered twice`)
    answered.add(step)
  }
  for (const { type, data } of events) {
    if (type === 'SignalReceived') note(String(data.payload), data.step)
    if (type === 'ApprovalDecided') note(String(data.comment), data.step)
    // Nobody knows a call again: when its answer is lost and it is made again, it may end the next wait, too.
    if (type === 'ExecutionResumed' && data.input !== undefined) {
      words.delete(calledWith(data.input))
      note(calledWith(data.input), data.step)
    }
  }
  for (const { what, id } of heard) if (!words.has(id)) problems.push(`the ${what} ${id} was heard, and is not in the log`)
  return problems
}

const calledWith = (input: unknown): string => (input as { json: { call: string } }[][])[0]?.[0]?.json.call ?? ''

/** No step begins while a person has paused it. */
const pauseProblems = (events: Events): string[] => {
  const problems: string[] = []
  let isPaused = false
  for (const { type, data } of events) {
    if (type === 'PauseRequested') isPaused = true
    if (type === 'PauseEnded' || type === 'CancellationRequested') isPaused = false
    if (type === 'StepStarted' && isPaused) problems.push(`step ${data.step} (try ${data.attempt}) began while it was paused`)
  }
  return problems
}

/** Which words a step says that its wait ended with, by node type and output. */
const saidIn: Readonly<Record<string, readonly ((json: JsonObject) => unknown)[]>> = {
  'weconnect.waitForSignal': [({ signal }) => isJsonObject(signal) && signal['payload']],
  'weconnect.approval': [
    ({ approval }) => isJsonObject(approval) && approval['comment'],
    ({ approval }) => isJsonObject(approval) && approval['comment'],
  ],
}

/** What a wait gave says what ended it: nothing ends two, and a decision counts as it was said. */
const outcomeProblems = async ({ steps }: ExecutionView, events: Events): Promise<string[]> => {
  const problems: string[] = []
  const ended = new Map<unknown, number>()
  for (const { step, status, nodeType, output } of steps) {
    const outputs = status === 'completed' && saidIn[nodeType] ? await output() : []
    const index = outputs.findIndex((items) => (items?.length ?? 0) > 0)
    const word = saidIn[nodeType]?.[index]?.(outputs[index]?.[0]?.json ?? {})
    if (typeof word !== 'string') continue
    if (ended.has(word)) problems.push(`${word} ended the waits of the steps ${ended.get(word)} and ${step}`)
    ended.set(word, step)
    const decision = events.find(({ type, data }) => type === 'ApprovalDecided' && data.step === step)
    if (decision?.type === 'ApprovalDecided' && (decision.data.comment !== word || decision.data.approved !== (index === 0)))
      problems.push(`step ${step} went on as if it had been decided otherwise`)
  }
  return problems
}

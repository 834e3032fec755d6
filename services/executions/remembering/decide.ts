import { createHash } from 'node:crypto'
import type { MemoryEvent } from '@weconnect/contracts/events/memory'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import type { MemoryRequest } from '@weconnect/contracts/memory'
import { askedBy, evolve, type ItemMemory, type Remembered } from './state.ts'

/** A step asks its memory. */
export interface MemoryCommand {
  readonly workflowId: string
  /** Absent: the memory that all nodes of the workflow share. */
  readonly nodeId?: string
  readonly executionId: string
  /** `{step}/{ordinal}` */
  readonly call: string
  readonly request: MemoryRequest
}

type Compare = Extract<MemoryRequest, { kind: 'compare' }>

/** Events after which the state is written down. */
const checkpointEvery = 100

/** What was answered already, and what teaches nothing, is no event. Never rejects. */
export const decide = (command: MemoryCommand, memory: ItemMemory): MemoryEvent[] => {
  if (memory.answered.includes(askedBy(command))) return []
  const event = command.request.kind === 'clear' ? cleared(command, memory) : remembered(command, command.request, memory)
  return event ? withCheckpoint(event, memory) : []
}

const cleared = ({ request: _, ...asked }: MemoryCommand, { values, number, time }: ItemMemory): MemoryEvent | undefined =>
  values.length === 0 && number === undefined && time === undefined ? undefined : { type: 'MemoryCleared', data: asked }

const remembered = ({ request: _, ...asked }: MemoryCommand, compare: Compare, memory: ItemMemory): MemoryEvent | undefined => {
  const kept = isNewTo(compare, memory)
  if (kept.length === 0) return undefined
  const data = { ...asked, kept, remembered: learnt(compare, kept) as unknown as JsonValue }
  return { type: 'ItemsRemembered', data }
}

/** Indices of the values that are new, compared with what was remembered before, not with each other. */
const isNewTo = ({ by, values }: Compare, memory: ItemMemory): readonly number[] => {
  const known = by === 'value' ? new Set(memory.values) : undefined
  const most = by === 'value' ? undefined : (memory[by] ?? Number.NEGATIVE_INFINITY)
  const isNew = (value: JsonValue): boolean => (known ? !known.has(hashOf(value)) : Number(value) > (most as number))
  return values.flatMap((value, index) => (isNew(value) ? [index] : []))
}

const learnt = ({ by, values, size }: Compare, kept: readonly number[]): Remembered => {
  if (by === 'value') return { by, size, values: [...new Set(kept.map((index) => hashOf(values[index] ?? null)))].slice(-size) }
  return { by, most: kept.reduce((most, index) => Math.max(most, Number(values[index])), Number.NEGATIVE_INFINITY) }
}

const withCheckpoint = (event: MemoryEvent, memory: ItemMemory): MemoryEvent[] => {
  const after = evolve(memory, event)
  if (after.sinceCheckpoint < checkpointEvery) return [event]
  return [event, { type: 'MemoryCheckpointed', data: { memory: { ...after, sinceCheckpoint: 0 } as unknown as JsonValue } }]
}

/** 16 bytes, as base64url. A number and its text are equal: sources do not agree on which of them an id is. */
const hashOf = (value: JsonValue): string => createHash('sha256').update(textOf(value)).digest('base64url').slice(0, 22)

const textOf = (value: JsonValue): string =>
  typeof value === 'object' ? JSON.stringify(value, (_key, part: JsonValue) => (isJsonObject(part) ? sorted(part) : part)) : String(value)

const sorted = (value: JsonObject): JsonObject => Object.fromEntries(Object.entries(value).sort(([a], [b]) => (a < b ? -1 : 1)))

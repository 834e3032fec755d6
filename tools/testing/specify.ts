import type { ErrorCode } from '@weconnect/contracts/errors'
import { isWeConnectError } from '@weconnect/contracts/errors'
import { expect } from 'vitest'

/** The pure half of an aggregate, as a specification needs it. */
export interface Decider<State, Command, Event> {
  readonly decide: (command: Command, state: State) => readonly Event[]
  readonly evolve: (state: State, event: Event) => State
  readonly initial: State
}

export interface Outcome<Event> {
  /** Exactly these events, in this order. */
  then(expected: readonly Event[]): void
  /** A WeConnectError with this code. */
  thenThrows(code: ErrorCode): void
}

/**
 * Given these events, when this command comes, then these events follow.
 * `const given = specify({ decide, evolve, initial })`, then `given([...]).when(command).then([...])`.
 */
export const specify =
  <State, Command, Event>({ decide, evolve, initial }: Decider<State, Command, Event>) =>
  (events: readonly Event[]): { when(command: Command): Outcome<Event> } => ({
    when: (command) => {
      const run = (): readonly Event[] => decide(command, events.reduce(evolve, initial))
      return {
        // biome-ignore lint/suspicious/noThenProperty: given, when, then is how a specification reads; nobody awaits it
        then: (expected) => expect(run()).toEqual(expected),
        thenThrows: (code) => expect(codeThrownBy(run)).toBe(code),
      }
    },
  })

const codeThrownBy = (run: () => unknown): ErrorCode | undefined => {
  try {
    run()
  } catch (error) {
    if (isWeConnectError(error)) return error.code
    throw error
  }
  return undefined
}

import type { TriggerEvent } from '@weconnect/contracts/events/trigger'
import { type CommandHandler, commandHandler } from '@weconnect/eventstore/command-handler'
import type { Journal } from '@weconnect/eventstore/journal'
import { decide, type TriggerCommand } from './decide.ts'
import { triggerStream } from './ids.ts'
import { absentTrigger, evolve, type Trigger } from './state.ts'

export type TriggerHandler = CommandHandler<TriggerCommand, Trigger, TriggerEvent>

/** Commands of triggers. One that looks every minute for years is folded from its newest checkpoint. */
export const openTriggerHandler = (journal: Journal): TriggerHandler =>
  commandHandler<TriggerCommand, Trigger, TriggerEvent>({
    journal,
    decide,
    evolve,
    initial: absentTrigger,
    streamOf: ({ triggerId }) => triggerStream(triggerId),
    foldFrom: async (stream) => {
      for await (const { type, revision } of journal.read(stream, { direction: 'backwards' }))
        if (type === 'TriggerCheckpointed') return revision
      return 0
    },
  })

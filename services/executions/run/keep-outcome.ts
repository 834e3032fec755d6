import { isWeConnectError } from '@weconnect/contracts/errors'
import type { RunFacts } from '../scope/run-facts.ts'
import type { Halt } from './halt.ts'

/** Milliseconds until what could not be written for want of space is tried again. */
const fullDiskPauseMs = 500

/** What was done outside is recorded, however long the disk is full: nobody would know it otherwise. */
export const keepOutcome = async ({ recorder, parts }: Pick<RunFacts, 'recorder' | 'parts'>, halt: Halt): Promise<void> => {
  for (;;) {
    try {
      await recorder.flush()
      return
    } catch (error) {
      if (!isWeConnectError(error, 'DISK_FULL') || halt.isLettingGo) throw error
      await parts.timer.wait(fullDiskPauseMs, halt.undoingSignal)
    }
  }
}

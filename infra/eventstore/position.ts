import type { Position } from '@weconnect/contracts/envelope'
import { WeConnectError } from '@weconnect/contracts/errors'

const positionShape = /^([0-9a-z]{8})-([0-9]{16})$/

/** Place in the embedded log as clients see it: sixteen digits, so that string order is log order. */
export const formatPosition = (logId: string, place: number): Position => `${logId}-${String(place).padStart(16, '0')}`

/** @throws WeConnectError CURSOR_OF_ANOTHER_LOG; INVALID_INPUT when it is no position at all */
export const parsePosition = (logId: string, position: Position): number => {
  const [, log, digits] = positionShape.exec(position) ?? []
  if (log === undefined) throw new WeConnectError('INVALID_INPUT', `"${position.slice(0, 60)}" is not a position of an event log`)
  if (log !== logId) {
    throw new WeConnectError('CURSOR_OF_ANOTHER_LOG', `The cursor belongs to log ${log}; this is log ${logId}. Start again without it.`)
  }
  return Number(digits)
}

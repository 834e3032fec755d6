import { isWeConnectError } from '@weconnect/contracts/errors'
import type { Item } from '@weconnect/contracts/items'
import type { JsonValue } from '@weconnect/contracts/json'
import { openCalendar } from '@weconnect/nodes/calendar/calendar'
import type { ListenDescription } from '@weconnect/nodes/sdk/listening'
import { begin, checkLive, contextOf } from './begin.ts'
import { triggerStream } from './ids.ts'
import type { Looking, LookParts } from './looking.ts'
import type { Trigger } from './state.ts'

type PollDescription = Extract<ListenDescription, { kind: 'poll' }>

/**
 * Looks at once, then at its times. What it finds is written down with what was seen before anything is begun, so that a crash neither loses it nor begins
 * it twice. Resolves when `signal` aborts.
 */
export const lookAtTimes = async (parts: LookParts, description: PollDescription, looking: Looking): Promise<void> => {
  const { clock, timer } = parts
  const { asked, signal } = looking
  const calendar = openCalendar(description.rules, asked.timezone, clock.now())
  for (;;) {
    await look(parts, looking)
    const next = calendar.next(clock.now())
    if (next === undefined) return
    await timer.wait(next - clock.now(), signal)
    if (signal.aborted) return
  }
}

const look = async (parts: LookParts, looking: Looking): Promise<void> => {
  const { spec, asked, signal } = looking
  const stream = triggerStream(spec.triggerId)
  const { state, head } = await parts.handle.load(stream)
  await beginLast(parts, looking, state)
  await checkLive(parts, spec)
  const found = await asked.type.poll?.({
    parameters: asked.parameters,
    typeVersion: asked.node.typeVersion,
    cursor: state.cursor,
    http: (request) => parts.egress.request(request, signal),
    signal,
  })
  if (!found || signal.aborted) return
  const command = {
    ...({ type: 'NoteLook', triggerId: spec.triggerId, version: spec.version, cursor: found.cursor } as const),
    items: found.items as unknown as readonly JsonValue[],
  }
  const noted = await parts.handle(command, contextOf(spec), { expectedRevision: head.revision }).catch((error: unknown) => {
    // Somebody else looked at the same time, or it is another version's now: the next look sees what they left.
    if (!isWeConnectError(error, 'STALE_EXPECTED_VERSION')) throw error
  })
  looking.ready()
  if (noted) await beginLast(parts, looking, noted.state)
}

/** Most often it was begun long ago. */
const beginLast = async (parts: LookParts, { spec }: Looking, { last }: Trigger): Promise<void> => {
  if (!last) return
  const { executionId, workflowVersion: version } = last
  await begin(parts, spec, { executionId, version, items: last.items as unknown as readonly Item[], deliveryId: executionId })
}

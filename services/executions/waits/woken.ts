import type { Envelope } from '@weconnect/contracts/envelope'
import type { ExecutionEvent } from '@weconnect/contracts/events/execution'
import type { Outputs } from '@weconnect/contracts/items'
import type { JsonObject } from '@weconnect/contracts/json'
import type { Step } from '../decider/state.ts'
import type { Inputs } from '../items/outputs.ts'

/**
 * What comes out of a step whose wait has ended. A call brings items; a signal or a decision goes with the items that went in, on an output of its
 * own; when nobody came in time they go on as they are, of a signal on the second output, of an approval on the third.
 * @param by the event that ended the wait; undefined when time did
 */
export const wokenOutputs = ({ wait }: Pick<Step, 'wait'>, by: Envelope<ExecutionEvent> | undefined, inputs: Inputs): Outputs => {
  switch (by?.type) {
    case 'ExecutionResumed':
      return by.data.input === undefined ? [passed(inputs)] : (by.data.input as unknown as Outputs)
    case 'SignalReceived': {
      const { name, payload } = by.data
      return [passed(inputs, { signal: { name, payload, receivedAt: by.time, sentBy: by.actor } }), []]
    }
    case 'ApprovalDecided': {
      const { approved, comment = null, role } = by.data
      const items = passed(inputs, { approval: { approved, comment, role, decidedAt: by.time, decidedBy: by.actor } })
      return approved ? [items, [], []] : [[], items, []]
    }
    default:
      if (wait?.waitFor === 'signal') return [[], passed(inputs)]
      return wait?.waitFor === 'approval' ? [[], [], passed(inputs)] : [passed(inputs)]
  }
}

const passed = (inputs: Inputs, more?: JsonObject): Outputs[number] =>
  (inputs[0] ?? []).map((item, index) => ({ ...item, ...(more && { json: { ...item.json, ...more } }), pairedItem: { item: index } }))

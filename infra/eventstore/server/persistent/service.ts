import { randomUUID } from 'node:crypto'
import type * as messages from '@eventstore/db-client/generated/persistent_pb.js'
import persistent from '@eventstore/db-client/generated/persistent_pb.js'
import shared from '@eventstore/db-client/generated/shared_pb.js'
import type { handleBidiStreamingCall, ServerDuplexStream } from '@grpc/grpc-js'
import type { Access } from '../access.ts'
import { type Call, callError, sendTo, signalOf, unary } from '../calls.ts'
import { persistentEvent } from '../event-messages.ts'
import { countOf, streamName, uuidText } from '../messages.ts'
import { invalidArgument } from '../refusal.ts'
import type { Caller } from '../users.ts'
import type { Consumer } from './consumers.ts'
import { allStreams, groupNameOf, requestedGroup } from './definition.ts'
import type { Group, NackAction } from './group.ts'
import { type Groups, noGroup } from './groups.ts'
import { infoMessage } from './info-message.ts'

type ReadCall = ServerDuplexStream<messages.ReadReq, messages.ReadResp>

const defaultSlots = 10

const actionOf = (action: messages.ReadReq.Nack.Action): NackAction => {
  const { PARK, SKIP, STOP } = persistent.ReadReq.Nack.Action
  if (action === PARK) return 'park'
  if (action === SKIP) return 'skip'
  return action === STOP ? 'stop' : 'retry'
}

const given = <Options>(options: Options | undefined): Options => {
  if (!options) throw invalidArgument('The request has no options')
  return options
}

/** Reading as a member of a group: the first message joins, the others answer to events. */
const membership = (call: ReadCall, groups: Groups, access: Access) => {
  const signal = signalOf(call)
  const send = sendTo(call, signal)
  let joined: { readonly group: Group; readonly consumer: Consumer } | undefined

  const consumerOf = (options: messages.ReadReq.Options, caller: Caller): Consumer => {
    const structuredIds = options.getUuidOption()?.hasStructured() ?? false
    return {
      name: String(call.metadata.get('connection-name')[0] ?? ''),
      user: caller.name,
      address: call.getPeer(),
      slots: options.getBufferSize() || defaultSlots,
      inFlight: 0,
      total: 0,
      totalAtLastLook: 0,
      latenciesMs: [],
      // What waits for the client is bounded by its slots.
      send: ({ shown, retries }) => void send(persistentEvent(shown, retries, structuredIds)),
      drop: (error) => void call.emit('error', callError(error)),
    }
  }

  const join = async (options: messages.ReadReq.Options): Promise<void> => {
    const name = groupNameOf(options)
    const caller = await access.who(call)
    await access.check(caller, 'read', name.stream)
    const group = groups.find(name)
    const consumer = consumerOf(options, caller)
    const confirmation = new persistent.ReadResp.SubscriptionConfirmation().setSubscriptionId(
      `${name.stream}::${name.group}::${randomUUID()}`,
    )
    await send(new persistent.ReadResp().setSubscriptionConfirmation(confirmation))
    if (signal.aborted) return
    group.join(consumer)
    joined = { group, consumer }
    signal.addEventListener('abort', () => group.leave(consumer))
  }

  const answer = (request: messages.ReadReq): void => {
    const [ack, nack] = [request.getAck(), request.getNack()]
    if (!joined) throw invalidArgument('A consumer first says which group it joins')
    if (ack) joined.group.ack(joined.consumer, ack.getIdsList().map(uuidText))
    if (nack) joined.group.nack(joined.consumer, nack.getIdsList().map(uuidText), actionOf(nack.getAction()), nack.getReason())
  }

  return {
    receive: async (request: messages.ReadReq): Promise<void> => {
      const options = request.getOptions()
      if (options) await join(options)
      else answer(request)
    },
    leave: (): void => {
      if (joined) joined.group.leave(joined.consumer)
      call.end()
    },
  }
}

const readMember = (groups: Groups, access: Access): handleBidiStreamingCall<messages.ReadReq, messages.ReadResp> => {
  return (call) => {
    const member = membership(call, groups, access)
    let taking = Promise.resolve()
    call.on('data', (request: messages.ReadReq) => {
      taking = taking.then(() => member.receive(request)).catch((error: unknown) => void call.emit('error', callError(error)))
    })
    call.on('end', member.leave)
  }
}

/** The service PersistentSubscriptions. */
export const persistentService = (groups: Groups, access: Access) => {
  const operator = async (call: Call): Promise<Caller> => {
    const caller = await access.who(call)
    access.checkOperator(caller)
    return caller
  }

  return {
    create: unary<messages.CreateReq, messages.CreateResp>(async (request, call) => {
      const { name } = await operator(call)
      await groups.create(requestedGroup(given(request.getOptions())), name)
      return new persistent.CreateResp()
    }),
    update: unary<messages.UpdateReq, messages.UpdateResp>(async (request, call) => {
      const { name } = await operator(call)
      await groups.update(requestedGroup(given(request.getOptions())), name)
      return new persistent.UpdateResp()
    }),
    delete: unary<messages.DeleteReq, messages.DeleteResp>(async (request, call) => {
      const { name } = await operator(call)
      await groups.remove(groupNameOf(request.getOptions()), name)
      return new persistent.DeleteResp()
    }),
    getInfo: unary<messages.GetInfoReq, messages.GetInfoResp>(async (request, call) => {
      await operator(call)
      const group = groups.find(groupNameOf(request.getOptions()))
      return new persistent.GetInfoResp().setSubscriptionInfo(await infoMessage(group))
    }),
    list: unary<messages.ListReq, messages.ListResp>(async (request, call) => {
      await operator(call)
      const of = request.getOptions()?.getListForStream()
      const stream = of && (of.hasAll() ? allStreams : streamName(of.getStream()))
      const found = groups.all().filter(({ definition }) => stream === undefined || definition.stream === stream)
      if (found.length === 0) throw noGroup({ stream: stream ?? allStreams, group: '' })
      return new persistent.ListResp().setSubscriptionsList(await Promise.all(found.map(infoMessage)))
    }),
    replayParked: unary<messages.ReplayParkedReq, messages.ReplayParkedResp>(async (request, call) => {
      await operator(call)
      const options = given(request.getOptions())
      const stopAt = options.hasStopAt() ? countOf(options.getStopAt()) : Number.MAX_SAFE_INTEGER
      await groups.find(groupNameOf(options)).replayParked(stopAt)
      return new persistent.ReplayParkedResp()
    }),
    restartSubsystem: unary<unknown, InstanceType<typeof shared.Empty>>(async (_, call) => {
      await operator(call)
      await groups.restart()
      return new shared.Empty()
    }),
    read: readMember(groups, access),
  }
}

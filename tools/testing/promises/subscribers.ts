import { createClient } from 'graphql-ws'
import { io } from 'socket.io-client'
import WebSocket from 'ws'
import type { Instance } from '../instance.ts'

export interface SeenEvent {
  readonly id: string
  readonly revision: number
  readonly type: string
}

export interface Subscriber {
  /** Everything that came, in the order in which it came. */
  readonly seen: readonly SeenEvent[]
  /** Connects to where the instance is now, and goes on from the last cursor. */
  connect(): Promise<void>
  disconnect(): Promise<void>
}

/** GraphQL: executionUpdated, going on from the position of the last event. */
export const graphqlSubscriber = (instance: Pick<Instance, 'url' | 'token'>, executionId: string, from: string): Subscriber => {
  const seen: SeenEvent[] = []
  let after = from
  let dispose = async (): Promise<void> => undefined
  const query = `subscription ($id: ID!, $after: Position) { executionUpdated(id: $id, after: $after) { id type revision position } }`
  return {
    seen,
    connect: async () => {
      const client = createClient({
        url: `${instance.url().replace('http', 'ws')}/graphql`,
        webSocketImpl: WebSocket,
        lazy: false,
        retryAttempts: 0,
        onNonLazyError: () => undefined,
        connectionParams: { authorization: `Bearer ${await instance.token()}` },
      })
      client.subscribe<{ executionUpdated: SeenEvent & { position: string } }>(
        { query, variables: { id: executionId, after } },
        {
          next: ({ data }) => {
            if (!data) return
            const { position, ...event } = data.executionUpdated
            seen.push(event)
            after = position
          },
          error: () => undefined,
          complete: () => undefined,
        },
      )
      dispose = async () => client.dispose()
    },
    disconnect: () => dispose(),
  }
}

/** socket.io: execution_update, from now on, then going on from the cursor of the last update. */
export const socketSubscriber = (instance: Pick<Instance, 'url' | 'token'>, executionId: string): Subscriber => {
  const seen: SeenEvent[] = []
  let after: string | undefined
  let disconnect = (): void => undefined
  return {
    seen,
    connect: async () => {
      const socket = io(instance.url(), { auth: { token: await instance.token() }, transports: ['websocket'], reconnection: false })
      socket.on('execution_update', ({ id, type, revision, cursor }: SeenEvent & { cursor: string }) => {
        seen.push({ id, type, revision })
        after = cursor
      })
      socket.once('connected', () => socket.emit('subscribe_execution', { executionId, ...(after !== undefined && { after }) }))
      disconnect = () => void socket.disconnect()
    },
    disconnect: async () => disconnect(),
  }
}

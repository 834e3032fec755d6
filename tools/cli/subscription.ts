import { WeConnectError } from '@weconnect/contracts/errors'
import { createClient } from 'graphql-ws'
import { codeOf } from './errors.ts'
import type { Connection } from './instance.ts'

export interface Subscription<Data> extends AsyncDisposable {
  /** @throws WeConnectError with the code of the answer, UNAVAILABLE when the connection ends */
  readonly updates: AsyncGenerator<Data>
}

/** What a GraphQL subscription brings, until it is disposed of: an open one keeps the process alive. */
export const subscribe = <Data>(
  { url, token }: Connection,
  query: string,
  variables: Readonly<Record<string, unknown>>,
): Subscription<Data> => {
  const client = createClient({
    url: `${url.replace(/^http/, 'ws')}/graphql`,
    connectionParams: { authorization: `Bearer ${token}` },
    retryAttempts: 0,
  })
  const results = client.iterate<Data>({ query, variables })
  async function* updates(): AsyncGenerator<Data> {
    try {
      for await (const { data, errors } of results) {
        if (errors?.[0]) throw new WeConnectError(codeOf(errors[0].extensions?.['code']), errors[0].message)
        if (data) yield data
      }
    } catch (error) {
      throw asCoded(error, url)
    }
  }
  return { updates: updates(), [Symbol.asyncDispose]: async () => client.dispose() }
}

/** The client rejects with the close event of the socket, or with the errors of the operation. */
const asCoded = (error: unknown, url: string): unknown => {
  if (error instanceof WeConnectError) return error
  const [first] = Array.isArray(error) ? (error as { readonly message: string; readonly extensions?: { readonly code?: unknown } }[]) : []
  if (first) return new WeConnectError(codeOf(first.extensions?.code), first.message, { cause: error })
  return new WeConnectError('UNAVAILABLE', `The connection to ${url} has ended`, { cause: error })
}

import { type Problem, WeConnectError } from '@weconnect/contracts/errors'
import { codeOf } from './errors.ts'
import type { Connection } from './instance.ts'

interface Answer<Data> {
  readonly data?: Data | null
  readonly errors?: readonly {
    readonly message: string
    readonly extensions?: { readonly code?: string; readonly problems?: readonly Problem[] }
  }[]
}

/** One GraphQL request. @throws WeConnectError with the code of the answer, UNAVAILABLE when nobody answers */
export const graphql = async <Data>(
  { url, token }: Connection,
  query: string,
  variables: Readonly<Record<string, unknown>> = {},
): Promise<Data> => {
  const response = await send(url, token, JSON.stringify({ query, variables }))
  const answer = (await response.json()) as Answer<Data>
  const error = answer.errors?.[0]
  if (error || !answer.data)
    throw new WeConnectError(codeOf(error?.extensions?.code), error?.message ?? `HTTP ${response.status}`, {
      problems: error?.extensions?.problems ?? [],
    })
  return answer.data
}

const send = async (url: string, token: string, body: string): Promise<Response> => {
  try {
    return await fetch(`${url}/graphql`, {
      method: 'POST',
      headers: { 'content-type': 'application/json', authorization: `Bearer ${token}` },
      body,
    })
  } catch (error) {
    throw new WeConnectError('UNAVAILABLE', `${url} does not answer. Is the instance running? (./weconnect up)`, { cause: error })
  }
}

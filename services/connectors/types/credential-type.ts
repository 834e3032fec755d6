import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import type { NodeProperty } from '@weconnect/contracts/node'
import { choice, text } from '@weconnect/nodes/sdk/property'

/** What a kind of credential holds; names of types and fields are n8n's. */
export interface CredentialType {
  readonly name: string
  readonly displayName: string
  readonly properties: readonly NodeProperty[]
  /** Whether it goes with HTTP requests, so that hosts can be named which it may be sent to. */
  readonly inRequests: boolean
  /** Texts that must never be seen. */
  secrets(data: JsonObject): readonly string[]
}

/** A field that is never shown again. */
export const secret = (displayName: string, name: string): NodeProperty =>
  text(displayName, name, '', { typeOptions: { password: true }, required: true })

const allowedDomains: readonly NodeProperty[] = [
  choice(
    'Allowed HTTP Request Domains',
    'allowedHttpRequestDomains',
    [
      ['All', 'all'],
      ['Specific Domains', 'domains'],
      ['None', 'none'],
    ],
    'all',
  ),
  text('Allowed Domains', 'allowedDomains', '', {
    description: 'Hosts, separated by commas; *.example.com stands for every host below example.com',
    displayOptions: { show: { allowedHttpRequestDomains: ['domains'] } },
  }),
]

/** Every text inside a value. */
export const textsIn = (value: JsonValue | undefined): readonly string[] => {
  if (typeof value === 'string') return [value]
  if (Array.isArray(value)) return value.flatMap((entry: JsonValue) => textsIn(entry))
  return isJsonObject(value) ? Object.values(value).flatMap(textsIn) : []
}

const isSecret = ({ typeOptions }: NodeProperty): boolean => typeOptions?.['password'] === true

const markedSecrets = (properties: readonly NodeProperty[]) => (data: JsonObject) =>
  properties.filter(isSecret).flatMap(({ name }) => textsIn(data[name]))

/** A type whose secrets are its password fields. */
export const credentialType = (
  name: string,
  displayName: string,
  properties: readonly NodeProperty[],
  inRequests = true,
): CredentialType => ({
  name,
  displayName,
  properties: inRequests ? [...properties, ...allowedDomains] : properties,
  inRequests,
  secrets: markedSecrets(properties),
})

import type { JsonObject, JsonValue } from '@weconnect/contracts/json'
import { getNodeParameters } from '../../parameters/fill.ts'
import { isExpression } from '../../parameters/resolve.ts'
import type { NodeType, WebhookDescription } from '../../sdk/node.ts'
import { asList, asObject, asObjects, asText } from '../per-item.ts'
import { guardProblems, signatureProblems } from './check-guards.ts'
import { definition } from './definition.ts'
import { guardsOf } from './guards.ts'
import { signatureOf } from './signature.ts'

/** Responses with a body that only the running workflow knows are decided by `responseMode`. */
const responseModes = ['onReceived', 'lastNode', 'responseNode'] as const
const responseKinds = ['firstEntryJson', 'allEntries', 'firstEntryBinary', 'noData'] as const

const filled = (parameters: JsonObject, typeVersion: number): JsonObject =>
  getNodeParameters(definition.properties, parameters, true, false, { typeVersion })

export const methodsOf = (parameters: JsonObject, typeVersion: number): readonly string[] => {
  const method = filled(parameters, typeVersion)['httpMethod']
  return Array.isArray(method) ? asList(method).map(String) : [asText(method, 'GET')]
}

const codeOf = (values: JsonObject): number => {
  const chosen = asObject(asObject(asObject(values['options'])['responseCode'])['values'])
  const code = chosen['responseCode'] === 'customCode' ? chosen['customCode'] : chosen['responseCode']
  return Number(code ?? values['responseCode'] ?? 200)
}

const headersOf = (options: JsonObject): Readonly<Record<string, string>> =>
  Object.fromEntries(
    asObjects(asObject(options['responseHeaders'])['entries']).map((entry) => [asText(entry['name']), asText(entry['value'])]),
  )

const dataOf = (values: JsonObject, options: JsonObject): WebhookDescription['responseData'] =>
  options['noResponseBody'] === true ? 'noData' : (responseKinds.find((kind) => kind === values['responseData']) ?? 'firstEntryJson')

const optional = <Key extends string>(key: Key, value: JsonValue | undefined): { readonly [name in Key]?: string } =>
  typeof value === 'string' && value !== '' ? ({ [key]: value } as { [name in Key]: string }) : {}

const authentications = ['basicAuth', 'headerAuth', 'jwtAuth', 'signature'] as const

const authenticationOf = (values: JsonObject): Pick<WebhookDescription, 'authentication' | 'signature'> => {
  const found = authentications.find((each) => each === values['authentication'])
  if (found === undefined) return {}
  return found === 'signature' ? { authentication: found, signature: signatureOf(values) } : { authentication: found }
}

/** What a webhook node listens to and how its caller is answered. */
export const describeWebhook = (parameters: JsonObject, typeVersion: number): WebhookDescription => {
  const values = filled(parameters, typeVersion)
  const options = asObject(values['options'])
  const guards = guardsOf(options)
  return {
    methods: methodsOf(parameters, typeVersion),
    path: asText(values['path']).replace(/^\/+|\/+$/g, ''),
    responseMode: responseModes.find((mode) => mode === values['responseMode']) ?? 'onReceived',
    responseCode: codeOf(values),
    responseHeaders: headersOf(options),
    responseData: dataOf(values, options),
    rawBody: options['rawBody'] === true,
    ...authenticationOf(values),
    ...(guards && { guards }),
    ...optional('responseBinaryProperty', values['responseBinaryPropertyName']),
    ...optional('binaryProperty', options['binaryPropertyName']),
    ...optional('responseText', options['responseData']),
    ...optional('responseContentType', options['responseContentType']),
    ...optional('responsePropertyName', options['responsePropertyName']),
    ...optional('allowedOrigins', options['allowedOrigins']),
  }
}

/** Everything that would change who may call, or what is answered, and is not built yet is refused rather than ignored. */
export const validateWebhook: NodeType['validate'] = (parameters, typeVersion) => {
  const values = filled(parameters, typeVersion)
  const options = asObject(values['options'])
  const path = asText(values['path']).trim()
  return [
    ...(path === '' ? [{ parameter: 'path', message: 'A webhook needs a path' }] : []),
    ...(isExpression(path) ? [{ parameter: 'path', message: 'The path of a webhook cannot be an expression' }] : []),
    ...(['none', ...authentications].includes(asText(values['authentication']))
      ? []
      : [{ parameter: 'authentication', message: `Webhook authentication "${asText(values['authentication'])}" is not supported yet` }]),
    ...(responseModes.some((mode) => mode === values['responseMode'])
      ? []
      : [{ parameter: 'responseMode', message: `Response mode "${asText(values['responseMode'])}" is not supported yet` }]),
    ...(values['authentication'] === 'signature' ? signatureProblems(values) : []),
    ...guardProblems(options),
  ]
}

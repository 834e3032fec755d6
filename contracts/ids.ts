import { WeConnectError } from './errors.ts'

declare const brand: unique symbol
type Brand<Name extends string> = string & { readonly [brand]: Name }

export type OrganisationId = Brand<'OrganisationId'>
export type UserId = Brand<'UserId'>
export type WorkflowId = Brand<'WorkflowId'>
export type ExecutionId = Brand<'ExecutionId'>
export type WebhookId = Brand<'WebhookId'>

const uuid = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

const checked =
  <Id extends string>(what: string) =>
  (raw: string): Id => {
    if (!uuid.test(raw)) throw new WeConnectError('INVALID_INPUT', `${what} must be a lower-case UUID, got "${raw.slice(0, 60)}"`)
    return raw as Id
  }

export const OrganisationId = checked<OrganisationId>('organisation id')
export const UserId = checked<UserId>('user id')
export const WorkflowId = checked<WorkflowId>('workflow id')
export const ExecutionId = checked<ExecutionId>('execution id')
export const WebhookId = checked<WebhookId>('webhook id')

/** Name of a stream: `{family}-{id}`. */
export const streamOf = (family: string, id: string): string => `${family}-${id}`
export const familyOf = (stream: string): string => stream.slice(0, stream.indexOf('-'))
export const idOf = (stream: string): string => stream.slice(stream.indexOf('-') + 1)

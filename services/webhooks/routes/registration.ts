import { WeConnectError } from '@weconnect/contracts/errors'
import type { WebhookCallsCounted, WebhookEvent, WebhookRegistered } from '@weconnect/contracts/events/webhook'
import { streamOf } from '@weconnect/contracts/ids'
import type { JsonObject } from '@weconnect/contracts/json'
import { v5 as uuid5 } from 'uuid'
import { patternKey } from './path-key.ts'

const namespace = '6d0a8a8e-0f35-4f0c-8a8e-2d0d3f2b7f57'

export interface RegisterWebhook {
  readonly type: 'RegisterWebhook'
  readonly webhook: Omit<WebhookRegistered['data'], 'webhookId'>
  readonly settings: JsonObject
  readonly organisationId: string
}
export interface ReleaseWebhook {
  readonly type: 'ReleaseWebhook'
  readonly method: string
  readonly path: string
  readonly workflowId: string
}
export interface CountWebhookCalls {
  readonly type: 'CountWebhookCalls'
  readonly webhookId: string
  readonly counted: WebhookCallsCounted['data']
}
export type WebhookCommand = RegisterWebhook | ReleaseWebhook | CountWebhookCalls

/** Who holds a method and path. */
export type Registration = { readonly holder?: WebhookRegistered['data'] & { readonly organisationId: string } }

/** One stream per method and path: that is what makes them unique. Paths that answer the same calls are one. */
export const webhookIdOf = (method: string, path: string): string => uuid5(`${method} ${patternKey(path)}`, namespace)
export const webhookStream = (command: WebhookCommand): string => streamOf('webhook', idOfCommand(command))

const idOfCommand = (command: WebhookCommand): string => {
  if (command.type === 'CountWebhookCalls') return command.webhookId
  const { method, path } = command.type === 'RegisterWebhook' ? command.webhook : command
  return webhookIdOf(method, path)
}

const isSame = (held: WebhookRegistered['data'], wanted: RegisterWebhook['webhook']): boolean =>
  held.workflowId === wanted.workflowId && held.nodeId === wanted.nodeId && held.version === wanted.version && held.path === wanted.path

export const decide = (command: WebhookCommand, { holder }: Registration): WebhookEvent[] => {
  if (command.type === 'ReleaseWebhook')
    return holder?.workflowId === command.workflowId ? [{ type: 'WebhookReleased', data: { workflowId: command.workflowId } }] : []
  if (command.type === 'CountWebhookCalls') return holder ? [{ type: 'WebhookCallsCounted', data: command.counted }] : []
  const { webhook, settings } = command
  if (holder && isSame(holder, webhook)) return []
  if (holder && holder.workflowId !== webhook.workflowId) {
    const whose = holder.organisationId === command.organisationId ? `workflow ${holder.workflowId}` : 'another workflow'
    throw new WeConnectError(
      'WEBHOOK_PATH_TAKEN',
      `${webhook.method} /webhook/${webhook.path} belongs to ${whose}; deactivate that one or choose another path`,
      {
        problems: [{ code: 'WEBHOOK_PATH_TAKEN', message: 'The path is taken', node: webhook.nodeId, path: webhook.path }],
      },
    )
  }
  return [
    { type: 'WebhookRegistered', data: { ...webhook, webhookId: webhookIdOf(webhook.method, webhook.path) } },
    { type: 'WebhookConfigured', data: { settings } },
  ]
}

export const evolve = (state: Registration, event: WebhookEvent & { readonly organisationId: string }): Registration => {
  switch (event.type) {
    case 'WebhookRegistered':
      return { holder: { ...event.data, organisationId: event.organisationId } }
    case 'WebhookReleased':
      return {}
    case 'WebhookConfigured':
    case 'WebhookCallsCounted':
      return state
  }
}

import type { JsonValue } from './json.ts'

/** Conditions under which a parameter shows, as n8n's displayOptions: every key of `show` must match, none of `hide`. */
export interface DisplayOptions {
  readonly show?: Readonly<Record<string, readonly JsonValue[]>>
  readonly hide?: Readonly<Record<string, readonly JsonValue[]>>
}

export type PropertyType =
  | 'string'
  | 'number'
  | 'boolean'
  | 'options'
  | 'multiOptions'
  | 'collection'
  | 'fixedCollection'
  | 'json'
  | 'dateTime'
  | 'color'
  | 'notice'
  | 'hidden'
  | 'filter'
  | 'assignmentCollection'
  | 'resourceLocator'
  | 'resourceMapper'
  | 'credentialsSelect'
  | 'workflowSelector'
  | 'callout'
  | 'button'

/** One parameter of a node, with n8n's field names so that imported workflows resolve against it. */
export interface NodeProperty {
  readonly displayName: string
  readonly name: string
  readonly type: PropertyType
  readonly default: JsonValue
  readonly description?: string
  readonly required?: boolean
  readonly noDataExpression?: boolean
  readonly placeholder?: string
  readonly displayOptions?: DisplayOptions
  readonly typeOptions?: Readonly<Record<string, JsonValue>>
  /** Choices of `options` and `multiOptions`; members of `collection`; groups of `fixedCollection`. */
  readonly options?: readonly (PropertyOption | NodeProperty | PropertyGroup)[]
}
export interface PropertyOption {
  readonly name: string
  readonly value: string | number | boolean
  readonly description?: string
}
export interface PropertyGroup {
  readonly displayName: string
  readonly name: string
  readonly values: readonly NodeProperty[]
}

/** A port of a node: `main`, or an ai_* type for sub-nodes. */
export interface NodePort {
  readonly type: string
  readonly displayName?: string
  readonly required?: boolean
}

export type AfterCrash = 'repeat' | 'judged' | 'incident'

/** What the registry knows of a node type. The fields of the read model node_definitions come from here. */
export interface NodeDefinition {
  /** For example n8n-nodes-base.set. */
  readonly name: string
  readonly displayName: string
  readonly description: string
  readonly category: 'core' | 'trigger' | 'flow' | 'data' | 'integration' | 'custom'
  readonly subcategory?: string
  /** Versions this definition serves, ascending; the last is the default of new nodes. */
  readonly versions: readonly number[]
  readonly icon?: string
  readonly color?: string
  readonly properties: readonly NodeProperty[]
  readonly inputs: readonly NodePort[]
  readonly outputs: readonly NodePort[]
  readonly credentials?: readonly { readonly name: string; readonly required?: boolean; readonly displayOptions?: DisplayOptions }[]
  readonly isTrigger?: boolean
  readonly isWebhook?: boolean
  readonly isPolling?: boolean
  readonly webhookMethods?: readonly string[]
  readonly rateLimits?: { readonly perSecond: number }
  readonly documentationUrl?: string
  readonly tags?: readonly string[]
  /**
   * `pure`: a function of its input, may share an append with its neighbours and is run again after a crash;
   * `external`: reaches outside, so it is preceded by a durable StepStarted and followed by a durable outcome.
   */
  readonly effects: 'pure' | 'external'
  /**
   * What is done with a try that a crash interrupted. `repeat`: it is run again, its effects have the same keys; `judged` (when absent): it is run
   * again until it makes a call that must not be made twice; `incident`: a person decides. A node type with a `probe` is asked first.
   */
  readonly afterCrash?: AfterCrash
  /** Milliseconds a try may take when the node names no limit; 30000 when absent. */
  readonly defaultTimeoutMs?: number
}

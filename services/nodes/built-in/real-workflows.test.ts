import { readdirSync, readFileSync } from 'node:fs'
import { isJsonObject, type JsonObject, type JsonValue } from '@weconnect/contracts/json'
import { sharedFolder } from '@weconnect/testing/requires'
import { expect, test } from 'vitest'
import { prepareParameters } from '../parameters/prepare.ts'
import { openNodeRegistry } from '../registry.ts'
import { builtInNodes } from './all.ts'

/**
 * A parameter that our schema does not know is dropped, and with it what the user asked for. These are wrong in the files themselves:
 * names that the node never had, or does not show there, mostly invented by whoever wrote the file.
 */
const inventions = new Set([
  'emailReadImap@2 filters',
  'emailReadImap@2 limit',
  'emailReadImap@2 operation',
  'emailReadImap@2 returnAll',
  'emailSend@2.1 text',
  'respondToWebhook@1 jsCode',
  'respondToWebhook@1 options.response',
  'respondToWebhook@1.1 body',
  'respondToWebhook@1.1 responseBody',
  'respondToWebhook@1.1 responseCode',
  'set@3 values',
  'switch@3 fallbackOutput',
])
/** Its schema is looked at by its own tests. */
const elsewhere = new Set(['httpRequest'])

interface FileNode {
  readonly type: string
  readonly typeVersion?: number
  readonly parameters?: JsonObject
}

const isBlank = (value: JsonValue | undefined): boolean =>
  value === undefined || (isJsonObject(value) && Object.values(value).every(isBlank)) || (Array.isArray(value) && value.every(isBlank))

/** Paths, two levels deep, of what was typed and is gone. */
const dropped = (typed: JsonObject, kept: JsonObject): readonly string[] =>
  Object.entries(typed).flatMap(([name, value]) => {
    if (kept[name] === undefined) return isBlank(value) ? [] : [name]
    if (name !== 'options' || !isJsonObject(value) || !isJsonObject(kept[name])) return []
    return dropped(value, kept[name]).map((inner) => `${name}.${inner}`)
  })

const registry = openNodeRegistry(builtInNodes)
const lostIn = ({ type, typeVersion = 1, parameters = {} }: FileNode): readonly string[] => {
  const name = type.slice(type.lastIndexOf('.') + 1)
  const nodeType = elsewhere.has(name) ? undefined : registry.find(type, typeVersion)
  if (!nodeType) return []
  return dropped(parameters, prepareParameters(nodeType, parameters, typeVersion).values).map((path) => `${name}@${typeVersion} ${path}`)
}

const folder = sharedFolder('workflows')
test.skipIf(!folder)('no parameter of the real workflows is dropped', () => {
  const nodes = readdirSync(folder!)
    .filter((file) => file.endsWith('.json'))
    .flatMap((file) => (JSON.parse(readFileSync(`${folder}/${file}`, 'utf8')) as { nodes?: readonly FileNode[] }).nodes ?? [])
  expect(nodes.length).toBeGreaterThan(1000)
  const lost = new Set(nodes.flatMap(lostIn).filter((path) => !inventions.has(path)))
  expect([...lost]).toEqual([])
})

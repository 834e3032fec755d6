/**
 * Writes contracts/events/*.ts from contracts/schemas/**\/*.avsc: the schemas are the source, the types follow.
 * `--check` writes nothing and exits 1 when a file on disk differs.
 */
import { execFileSync } from 'node:child_process'
import { mkdtempSync, readdirSync, readFileSync, rmSync, writeFileSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'
import { fileURLToPath } from 'node:url'

type Schema = string | Schema[] | NamedSchema
interface NamedSchema {
  type: string
  logicalType?: string
  name?: string
  doc?: string
  version?: number
  items?: Schema
  values?: Schema
  symbols?: string[]
  fields?: { name: string; type: Schema; doc: string }[]
}

const root = fileURLToPath(new URL('../..', import.meta.url))
const schemas = join(root, 'contracts/schemas')
const target = join(root, 'contracts/events')
const families = readdirSync(schemas)
  .filter((family) => family !== 'types')
  .sort()

const readFamily = (family: string): NamedSchema[] =>
  readdirSync(join(schemas, family))
    .filter((file) => file.endsWith('.avsc'))
    .sort()
    .map((file) => JSON.parse(readFileSync(join(schemas, family, file), 'utf8')) as NamedSchema)

const types = readFamily('types')
const typeByName = new Map(types.map((schema) => [`weconnect.${schema.name}`, schema]))
const primitives: Record<string, string> = {
  string: 'string',
  int: 'number',
  long: 'number',
  double: 'number',
  boolean: 'boolean',
  bytes: 'string',
  null: 'null',
}

const local = (name: string): string => name.replace('weconnect.', '')

const typescript = (schema: Schema): string => {
  if (Array.isArray(schema)) return schema.map(typescript).join(' | ')
  if (typeof schema === 'string') return schema === 'weconnect.Payload' ? 'JsonValue' : (primitives[schema] ?? local(schema))
  if (schema.logicalType === 'json') return 'JsonValue'
  if (schema.type === 'enum') return (schema.symbols ?? []).map((symbol) => `'${symbol}'`).join(' | ')
  if (schema.type === 'array') return `readonly ${wrap(typescript(schema.items ?? 'null'))}[]`
  if (schema.type === 'map') return `Readonly<Record<string, ${typescript(schema.values ?? 'null')}>>`
  return primitives[schema.type] ?? local(schema.type)
}
const wrap = (text: string): string => (text.includes('|') ? `(${text})` : text)
const isOptional = (schema: Schema): boolean => Array.isArray(schema) && schema[0] === 'null'
const withoutNull = (schema: Schema): Schema => (Array.isArray(schema) ? (schema.filter((part) => part !== 'null') as Schema[]) : schema)

const fieldsOf = (schema: NamedSchema, indent: string): string =>
  (schema.fields ?? [])
    .map((field) => {
      const optional = isOptional(field.type)
      const type = typescript(optional ? withoutNull(field.type) : field.type)
      return `${indent}/** ${field.doc} */\n${indent}readonly ${field.name}${optional ? '?' : ''}: ${type}`
    })
    .join('\n')

/** Paths of the payload fields of a record, through nested records; arrays hold none. */
const payloadPaths = (schema: NamedSchema): string[][] =>
  (schema.fields ?? []).flatMap((field) => {
    const type = isOptional(field.type) ? withoutNull(field.type) : field.type
    const name = Array.isArray(type) ? type[0] : type
    if (name === 'weconnect.Payload') return [[field.name]]
    const nested = typeof name === 'string' ? typeByName.get(name) : undefined
    return nested ? payloadPaths(nested).map((path) => [field.name, ...path]) : []
  })

const banner = '// Generated from contracts/schemas by `./weconnect generate`. Do not edit.\n'
const pascal = (name: string): string => name[0]?.toUpperCase() + name.slice(1)

const namedTypes = (): string =>
  banner +
  `import type { JsonValue } from '../json.ts'\n\n` +
  types
    .filter((schema) => schema.name !== 'Payload')
    .map((schema) => `/** ${schema.doc} */\nexport interface ${schema.name} {\n${fieldsOf(schema, '  ')}\n}\n`)
    .join('\n')

const dataOf = (schema: NamedSchema): string =>
  (schema.fields ?? []).length === 0 ? 'Readonly<Record<string, never>>' : `{\n${fieldsOf(schema, '    ')}\n  }`

const family = (name: string): string => {
  const events = readFamily(name)
  const bodies = events.map(
    (schema) =>
      `/** ${schema.doc} */\nexport interface ${schema.name} {\n  readonly type: '${schema.name}'\n  readonly data: ${dataOf(schema)}\n}\n`,
  )
  const body = bodies.join('\n')
  const used = types
    .map((schema) => schema.name ?? '')
    .filter((type) => type !== 'Payload' && new RegExp(`: (readonly )?${type}\\b`).test(body))
  const imports = [
    body.includes('JsonValue') ? `import type { JsonValue } from '../json.ts'\n` : '',
    used.length > 0 ? `import type { ${used.join(', ')} } from './types.ts'\n` : '',
  ].join('')
  return `${banner}${imports}\n${body}\nexport type ${pascal(name)}Event = ${events.map((schema) => schema.name).join(' | ')}\n`
}

const catalogue = (): string => {
  const rows = families.flatMap((name) =>
    readFamily(name).map(
      (schema) =>
        `  ${schema.name}: { family: '${name}', version: ${schema.version ?? 1}, payloads: ${JSON.stringify(payloadPaths(schema))} },`,
    ),
  )
  return `${banner}
/** What the journal needs to know of every event type: its family, the version of its schema, and where its sealed payloads are. */
export const eventCatalogue = {
${rows.join('\n')}
} as const satisfies Record<string, { family: string; version: number; payloads: readonly (readonly string[])[] }>

export type EventType = keyof typeof eventCatalogue
`
}

const files = new Map<string, string>([
  ['types.ts', namedTypes()],
  ['catalogue.ts', catalogue()],
  ...families.map((name): [string, string] => [`${name}.ts`, family(name)]),
])

/** The formatter has the last word on how generated code looks, so that `lint` and `generate` agree. */
const formatted = (contents: Map<string, string>): Map<string, string> => {
  const folder = mkdtempSync(join(tmpdir(), 'weconnect-generate-'))
  for (const [file, content] of contents) writeFileSync(join(folder, file), content)
  execFileSync(join(root, 'node_modules/.bin/biome'), ['format', '--write', '--config-path', root, folder], { stdio: 'pipe' })
  const result = new Map([...contents.keys()].map((file) => [file, readFileSync(join(folder, file), 'utf8')]))
  rmSync(folder, { recursive: true })
  return result
}

const check = process.argv.includes('--check')
let stale = 0
for (const [file, content] of formatted(files)) {
  const path = join(target, file)
  if (!check) {
    writeFileSync(path, content)
    continue
  }
  let current = ''
  try {
    current = readFileSync(path, 'utf8')
  } catch {}
  if (current !== content) {
    stale += 1
    console.error(`contracts/events/${file} does not follow from contracts/schemas: run ./weconnect generate`)
  }
}
process.exitCode = stale > 0 ? 1 : 0

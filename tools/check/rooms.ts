import { posix } from 'node:path'
import { circlesOf, type Edges } from './circles.ts'
import type { Import } from './imports.ts'
import { isTest } from './layers.ts'

/** Folders that are divided into rooms: the README of each names them in a table. */
export const divided = [
  'infra/eventstore',
  'infra/kafka',
  'projections/runner',
  'services/executions',
  'services/gateway/graphql',
  'services/webhooks',
  'services/workflows',
] as const

/** The room that a file lies in; undefined for one at the top. */
const roomOf = (folder: string, file: string): string | undefined => {
  const [room, ...rest] = posix.relative(folder, file).split('/')
  return rest.length === 0 ? undefined : room
}

/** Rooms of a folder that use each other in a circle, tests and types aside: `a -> b -> a`. */
export const roomCircles = (imports: readonly Import[], folder: string): readonly string[] => {
  const edges: Edges = new Map()
  for (const { file, specifier, isType } of imports) {
    if (isType || isTest(file) || !specifier.startsWith('.') || !file.startsWith(`${folder}/`)) continue
    const from = roomOf(folder, file)
    const target = posix.join(posix.dirname(file), specifier)
    const to = target.startsWith(`${folder}/`) ? roomOf(folder, target) : undefined
    if (from !== undefined && to !== undefined && from !== to) edges.set(from, (edges.get(from) ?? new Set()).add(to))
  }
  return circlesOf(edges).map((circle) => `${folder}: rooms use each other: ${circle}`)
}

/** Rooms that the README of their folder does not tell of, and those that it tells of that are not there. */
export const roomProblems = (files: readonly string[], folder: string, readme: string): readonly string[] => {
  const there = new Set(files.flatMap((file) => roomOf(folder, file) ?? []))
  const told = new Set([...readme.matchAll(/^\| `([^`]+)` \|/gm)].map(([, room]) => room ?? ''))
  return [
    ...[...there].filter((room) => !told.has(room)).map((room) => `${folder}/README.md does not say what is in ${room}`),
    ...[...told].filter((room) => !there.has(room)).map((room) => `${folder}/README.md tells of ${room}, which is not there`),
  ]
}

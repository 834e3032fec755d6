/** What each thing needs, by name. */
export type Edges = Map<string, Set<string>>

/** Circles of things that need each other: `a -> b -> a`. Of circles that share a way, one may hide another until it is broken. */
export const circlesOf = (edges: Edges): readonly string[] => {
  const circles = new Set<string>()
  const done = new Set<string>()
  const visit = (name: string, path: readonly string[]): void => {
    const start = path.indexOf(name)
    if (start >= 0) circles.add(fromSmallest(path.slice(start)))
    if (start >= 0 || done.has(name)) return
    for (const next of edges.get(name) ?? []) visit(next, [...path, name])
    done.add(name)
  }
  for (const name of edges.keys()) visit(name, [])
  return [...circles]
}

const fromSmallest = (circle: readonly string[]): string => {
  const start = circle.indexOf([...circle].sort()[0] ?? '')
  const turned = [...circle.slice(start), ...circle.slice(0, start)]
  return [...turned, turned[0]].join(' -> ')
}

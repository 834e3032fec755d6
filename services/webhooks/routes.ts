import type { WebhookRegistered } from '@weconnect/contracts/events/webhook'

export type Route = WebhookRegistered['data'] & { readonly organisationId: string }

export interface Match {
  readonly route: Route
  readonly params: Readonly<Record<string, string>>
}

const segmentsOf = (path: string): string[] => path.split('/')
const isDynamic = (path: string): boolean => segmentsOf(path).some((segment) => segment.startsWith(':'))

/** Method and path to route: exact paths first, then paths with `:name` segments in the order of their registration. */
export class RouteTable {
  readonly #exact = new Map<string, Route>()
  readonly #dynamic = new Map<string, Route>()

  put(route: Route): void {
    this.#tableOf(route.path).set(keyOf(route.method, route.path), route)
  }

  remove(webhookId: string): void {
    for (const table of [this.#exact, this.#dynamic]) for (const [key, route] of table) if (route.webhookId === webhookId) table.delete(key)
  }

  ofWorkflow(workflowId: string): Route[] {
    return [...this.#exact.values(), ...this.#dynamic.values()].filter((route) => route.workflowId === workflowId)
  }

  find(method: string, path: string): Match | undefined {
    const exact = this.#exact.get(keyOf(method, path))
    if (exact) return { route: exact, params: {} }
    if (this.#dynamic.size === 0) return undefined
    const segments = segmentsOf(path)
    for (const route of this.#dynamic.values()) {
      const params = route.method === method ? matchSegments(segmentsOf(route.path), segments) : undefined
      if (params) return { route, params }
    }
    return undefined
  }

  /** Methods that this path answers; empty when nothing is there. */
  methodsAt(path: string): string[] {
    return ['GET', 'POST', 'PUT', 'PATCH', 'DELETE', 'HEAD'].filter((method) => this.find(method, path))
  }

  #tableOf(path: string): Map<string, Route> {
    return isDynamic(path) ? this.#dynamic : this.#exact
  }
}

const keyOf = (method: string, path: string): string => `${method} ${path}`

const matchSegments = (pattern: readonly string[], segments: readonly string[]): Record<string, string> | undefined => {
  if (pattern.length !== segments.length) return undefined
  const params: Record<string, string> = Object.create(null)
  for (const [index, part] of pattern.entries()) {
    const segment = segments[index] ?? ''
    if (part.startsWith(':')) params[part.slice(1)] = decoded(segment)
    else if (part !== segment) return undefined
  }
  return params
}

const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

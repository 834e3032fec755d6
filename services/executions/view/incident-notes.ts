import type { Envelope } from '@weconnect/contracts/envelope'
import type { ExecutionEvent, IncidentRaised } from '@weconnect/contracts/events/execution'
import { isJsonObject } from '@weconnect/contracts/json'
import type { IncidentView } from './face.ts'

/** The incidents of an execution, gathered from its events. */
export class IncidentNotes {
  readonly #incidents: IncidentView[] = []

  get list(): readonly IncidentView[] {
    return this.#incidents
  }

  keep(event: Envelope<ExecutionEvent>): void {
    if (event.type === 'IncidentRaised') this.#incidents.push(raised(event))
    if (event.type !== 'IncidentResolved') return
    const { step, resolution, reason } = event.data
    const index = this.#incidents.findIndex((incident) => incident.step === step && incident.resolution === undefined)
    const incident = this.#incidents[index]
    if (!incident) return
    const answer = { resolution, resolvedAt: event.time, resolvedBy: event.actor, ...(reason !== undefined && { reason }) }
    this.#incidents[index] = { ...incident, ...answer }
  }
}

const raised = ({ data, time }: Envelope<IncidentRaised>): IncidentView => {
  const { detail, ...where } = data
  const { code, message } = isJsonObject(detail) ? detail : {}
  return { ...where, ...(typeof code === 'string' && { code }), message: typeof message === 'string' ? message : '', raisedAt: time }
}

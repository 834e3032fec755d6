import { hash } from 'node:crypto'
import type { MetricEntity, MetricName } from './face.ts'

/** Follows from what it is an id of, so that every store gives the same. @param minute `2026-01-02T03:04` */
export const metricId = (
  organisationId: string,
  entity: { readonly type: MetricEntity; readonly id: string },
  metric: MetricName,
  minute: string,
): string => uuidFrom(`${organisationId} ${entity.type} ${entity.id} ${metric} ${minute}`)

const uuidFrom = (text: string): string => {
  const digest = hash('sha256', text)
  return `${digest.slice(0, 8)}-${digest.slice(8, 12)}-${digest.slice(12, 16)}-${digest.slice(16, 20)}-${digest.slice(20, 32)}`
}

/** Kafka topics; key = stream id, value = Avro in the Confluent wire format. Partition counts never change. */
export const topics = {
  workflow: 'weconnect.workflow.v1',
  execution: 'weconnect.execution.v1',
  webhook: 'weconnect.webhook.v1',
  node: 'weconnect.node.v1',
  schedule: 'weconnect.schedule.v1',
  organisation: 'weconnect.organisation.v1',
  user: 'weconnect.user.v1',
  credential: 'weconnect.credential.v1',
} as const

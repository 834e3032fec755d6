import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { GraphQLSchema } from 'graphql/index.js'
import { executableSchema } from './executable-schema.ts'
import { approvalResolvers } from './resolvers/resolve-approval.ts'
import { bulkResolvers } from './resolvers/resolve-bulk.ts'
import { controlResolvers } from './resolvers/resolve-control.ts'
import { credentialResolvers } from './resolvers/resolve-credentials.ts'
import { executionResolvers } from './resolvers/resolve-execution.ts'
import { migrationResolvers } from './resolvers/resolve-migration.ts'
import { operationResolvers } from './resolvers/resolve-operations.ts'
import { projectionResolvers } from './resolvers/resolve-projections.ts'
import { queueResolvers } from './resolvers/resolve-queues.ts'
import { scheduleResolvers } from './resolvers/resolve-schedule.ts'
import { subscriptionResolvers } from './resolvers/resolve-subscription.ts'
import { triggerResolvers } from './resolvers/resolve-trigger.ts'
import { workflowResolvers } from './resolvers/resolve-workflow.ts'
import { workflowEditResolvers } from './resolvers/resolve-workflow-edits.ts'

const definition = fileURLToPath(import.meta.resolve('@weconnect/contracts/schema.graphql'))

export const gatewaySchema = (): GraphQLSchema =>
  executableSchema(
    readFileSync(definition, 'utf8'),
    workflowResolvers,
    workflowEditResolvers,
    executionResolvers,
    controlResolvers,
    bulkResolvers,
    migrationResolvers,
    operationResolvers,
    projectionResolvers,
    scheduleResolvers,
    triggerResolvers,
    approvalResolvers,
    credentialResolvers,
    subscriptionResolvers,
    queueResolvers,
  )

import { readFileSync } from 'node:fs'
import { fileURLToPath } from 'node:url'
import type { GraphQLSchema } from 'graphql/index.js'
import { executableSchema } from './executable-schema.ts'
import { bulkResolvers } from './resolve-bulk.ts'
import { controlResolvers } from './resolve-control.ts'
import { credentialResolvers } from './resolve-credentials.ts'
import { executionResolvers } from './resolve-execution.ts'
import { migrationResolvers } from './resolve-migration.ts'
import { operationResolvers } from './resolve-operations.ts'
import { projectionResolvers } from './resolve-projections.ts'
import { queueResolvers } from './resolve-queues.ts'
import { scheduleResolvers } from './resolve-schedule.ts'
import { subscriptionResolvers } from './resolve-subscription.ts'
import { triggerResolvers } from './resolve-trigger.ts'
import { workflowResolvers } from './resolve-workflow.ts'
import { workflowEditResolvers } from './resolve-workflow-edits.ts'

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
    credentialResolvers,
    subscriptionResolvers,
    queueResolvers,
  )

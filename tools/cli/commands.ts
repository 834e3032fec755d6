import type { Command } from './command.ts'
import { developmentCommands } from './listed/development.ts'
import { executionCommands } from './listed/executions.ts'
import { instanceCommands } from './listed/instances.ts'
import { operationCommands } from './listed/operations.ts'
import { workflowCommands } from './listed/workflows.ts'

/** All commands, in the order in which they are listed. */
export const commands: ReadonlyMap<string, Command> = new Map([
  ...instanceCommands,
  ...workflowCommands,
  ...executionCommands,
  ...operationCommands,
  ...developmentCommands,
])

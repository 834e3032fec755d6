import { streamOf } from '@weconnect/contracts/ids'
import { v5 as uuid5 } from 'uuid'

const namespace = '9c1f6a7e-3c0b-4d7f-8a55-6a1f0e2f9b31'

/** One trigger per node of a workflow, whatever its versions. */
export const triggerIdOf = (workflowId: string, nodeId: string): string => uuid5(`${workflowId}/${nodeId}`, namespace)
export const triggerStream = (triggerId: string): string => streamOf('trigger', triggerId)

/** The same for everyone who sees the same thing, so that it runs once. @param key names what was found, within the trigger */
export const executionIdOf = (triggerId: string, key: string): string => uuid5(key, triggerId)

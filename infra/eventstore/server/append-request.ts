import type { AppendReq, BatchAppendReq, DeleteReq, TombstoneReq } from '@eventstore/db-client/generated/streams_pb.js'
import { status } from '@grpc/grpc-js'
import { maxAppendBytes } from '../port.ts'
import { countOf, uuidText } from './messages.ts'
import { Refusal, tooLarge } from './refusal.ts'
import type { Expected, Proposed } from './stream-log.ts'

interface Expectation {
  hasNoStream(): boolean
  hasAny(): boolean
  hasStreamExists(): boolean
}

const namedExpectation = (options: Expectation): Exclude<Expected, number> | undefined => {
  if (options.hasNoStream()) return 'none'
  if (options.hasStreamExists()) return 'exists'
  return options.hasAny() ? 'any' : undefined
}

export const expectedOf = (options: AppendReq.Options | DeleteReq.Options | TombstoneReq.Options): Expected =>
  namedExpectation(options) ?? countOf(options.getRevision())

export const batchExpectedOf = (options: BatchAppendReq.Options): Expected =>
  namedExpectation(options) ?? countOf(options.getStreamPosition())

/** An expectation as error messages name it: the protocol's numbers for what is no revision. */
export const expectedText = (expected: Expected): string =>
  typeof expected === 'number' ? String(expected) : { none: '-1', any: '-2', exists: '-4' }[expected]

const required = ['type', 'content-type'] as const

/** @throws Refusal when its id or one of the required properties is missing */
const proposedOf = (message: AppendReq.ProposedMessage | BatchAppendReq.ProposedMessage): Proposed => {
  const properties = message.getMetadataMap()
  const missing = required.filter((name) => !properties.get(name))
  if (missing.length > 0) {
    throw new Refusal(
      status.INVALID_ARGUMENT,
      'missing-required-metadata-property',
      `Required Metadata Property '${missing[0]}' is missing`,
      {
        'required-metadata-properties': required.join(','),
      },
    )
  }
  return {
    id: uuidText(message.getId()),
    type: properties.get('type') ?? '',
    json: properties.get('content-type') === 'application/json',
    data: Buffer.from(message.getData_asU8()),
    metadata: Buffer.from(message.getCustomMetadata_asU8()),
  }
}

/** Gathers the events of one append, and no more of them than it may hold. @throws Refusal from `add` */
export const gatherEvents = () => {
  const events: Proposed[] = []
  let bytes = 0
  return {
    events,
    add: (message: AppendReq.ProposedMessage | BatchAppendReq.ProposedMessage): void => {
      const event = proposedOf(message)
      bytes += event.data.length + event.metadata.length
      if (bytes > maxAppendBytes) throw tooLarge(maxAppendBytes)
      events.push(event)
    },
  }
}

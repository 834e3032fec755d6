import type { AllStreamPosition, StreamIdentifier, UUID } from '@eventstore/db-client/generated/shared_pb.js'
import shared from '@eventstore/db-client/generated/shared_pb.js'
import { invalidArgument } from './refusal.ts'

/*
 * Small things that messages of several services share. The message classes are those that the official client ships.
 */
const uuidShape = /^[0-9a-f]{8}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{4}-[0-9a-f]{12}$/

const hex = (bits: string): string => BigInt.asUintN(64, BigInt(bits)).toString(16).padStart(16, '0')

const structuredText = (structured: UUID.Structured): string => {
  const [most, least] = [hex(structured.getMostSignificantBits()), hex(structured.getLeastSignificantBits())]
  return `${most.slice(0, 8)}-${most.slice(8, 12)}-${most.slice(12)}-${least.slice(0, 4)}-${least.slice(4)}`
}

/** @throws Refusal when it is no UUID */
export const uuidText = (uuid: UUID | undefined): string => {
  const structured = uuid?.getStructured()
  const text = structured ? structuredText(structured) : (uuid?.getString() ?? '').toLowerCase()
  if (!uuidShape.test(text)) throw invalidArgument(`"${text.slice(0, 60)}" is not a UUID`)
  return text
}

const signed = (digits: string): string => BigInt.asIntN(64, BigInt(`0x${digits}`)).toString()

export const uuidMessage = (text: string, structured = false): UUID => {
  const uuid = new shared.UUID()
  if (!structured) return uuid.setString(text)
  const digits = text.replaceAll('-', '')
  const bits = new shared.UUID.Structured()
  bits.setMostSignificantBits(signed(digits.slice(0, 16))).setLeastSignificantBits(signed(digits.slice(16)))
  return uuid.setStructured(bits)
}

export const streamMessage = (stream: string): StreamIdentifier => new shared.StreamIdentifier().setStreamName(Buffer.from(stream))

/** @throws Refusal when there is none */
export const streamName = (identifier: StreamIdentifier | undefined): string => {
  const name = Buffer.from(identifier?.getStreamName_asU8() ?? []).toString()
  if (name === '') throw invalidArgument('A stream must be named')
  return name
}

export const positionMessage = (place: number): AllStreamPosition =>
  new shared.AllStreamPosition().setCommitPosition(String(place)).setPreparePosition(String(place))

/** A number of 64 bits as JavaScript counts; what is larger than it can count is its largest. */
export const countOf = (digits: string): number => Math.min(Number(digits), Number.MAX_SAFE_INTEGER)

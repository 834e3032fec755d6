import avsc from 'avsc'
import type { Encode } from '../port.ts'
import { avroForm } from './avro-form.ts'
import type { AvroRecord } from './avro-schema.ts'

/** In front of the Avro of every value. */
export const headerBytes = 5
let scratch = Buffer.allocUnsafe(64 * 1024)

export const avroType = (schema: AvroRecord): avsc.Type => avsc.Type.forSchema(schema as avsc.Schema, { registry: {}, wrapUnions: 'never' })

/**
 * Encodes records in the Confluent wire format: a zero byte, the id of the schema (32 bits, big endian), Avro's binary form.
 * @param schemaId what the registry gave
 */
export const wireEncoder = (schema: AvroRecord, schemaId: number): Encode => {
  const type = avroType(schema)
  const form = avroForm(schema)
  return (data) => {
    const value = form(data)
    // A negative end says that it would be that much longer than the buffer.
    let end = type.encode(value, scratch, headerBytes)
    if (end < 0) {
      scratch = Buffer.allocUnsafe(scratch.length - end + headerBytes)
      end = type.encode(value, scratch, headerBytes)
    }
    const encoded = Buffer.allocUnsafe(end)
    scratch.copy(encoded, 0, 0, end)
    encoded[0] = 0
    encoded.writeUInt32BE(schemaId, 1)
    return encoded
  }
}

import { members, type NativeCall } from '../values.ts'
import { undefinedResult } from './arguments.ts'

const toNumber: NativeCall = (_, self) => (self === true ? 1 : 0)

/** n8n's methods of booleans. */
export const booleanExtensions = members({
  isEmpty: () => false,
  isNotEmpty: () => true,
  toBoolean: (_, self) => self,
  toDateTime: undefinedResult,
  toFloat: toNumber,
  toInt: toNumber,
  toJsonString: (_, self) => String(self),
  toNumber,
})

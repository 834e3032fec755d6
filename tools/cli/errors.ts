import { type ErrorCode, errorCodes, type Problem } from '@weconnect/contracts/errors'

/** The code that an answer names; INTERNAL for one that this release does not know. */
export const codeOf = (code: unknown): ErrorCode =>
  typeof code === 'string' && Object.hasOwn(errorCodes, code) ? (code as ErrorCode) : 'INTERNAL'

/** An error as a person reads it: code and message, and under it the places. */
export const describeError = (
  { code, message, problems }: { readonly code: string; readonly message: string; readonly problems: readonly Problem[] },
  where?: string,
): string => [`${where === undefined ? '' : `${where}: `}${code}: ${message}`, ...problems.map(describeProblem)].join('\n')

const describeProblem = ({ node, parameter, path, message }: Problem): string => {
  const place = [node, parameter, path].filter((part) => part !== undefined && part !== null).join(' / ')
  return `  - ${place}${place && ': '}${message}`
}

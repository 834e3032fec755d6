import { isWeConnectError, type Problem, WeConnectError } from '@weconnect/contracts/errors'

/** What refused checks found, in order; anything but INVALID_INPUT is thrown on. */
const problemsOf = (check: () => unknown): readonly Problem[] => {
  try {
    check()
    return []
  } catch (error) {
    if (!isWeConnectError(error, 'INVALID_INPUT')) throw error
    return error.problems
  }
}

/** Makes all checks and refuses with what all of them found, so that a person mends a file in one go. @throws WeConnectError INVALID_INPUT */
export const refuseAll = (checks: readonly (() => unknown)[]): void => {
  const problems = checks.flatMap(problemsOf)
  const [first] = problems
  if (first === undefined) return
  const more = problems.length > 1 ? ` (and ${problems.length - 1} more)` : ''
  throw new WeConnectError('INVALID_INPUT', `${first.path}: ${first.message}${more}`, { problems })
}

/** The same checks on behalf of a node, which its problems then name with the parameter or field. */
export const ofNode =
  (node: string | undefined, path: string, check: () => unknown): (() => void) =>
  () => {
    const problems = problemsOf(check).map((problem): Problem => {
      const inside = problem.path?.startsWith(`${path}.`) ? problem.path.slice(path.length + 1) : undefined
      return { ...problem, ...(node !== undefined && { node }), ...(inside !== undefined && { parameter: inside }) }
    })
    if (problems.length > 0) throw new WeConnectError('INVALID_INPUT', problems[0]!.message, { problems })
  }

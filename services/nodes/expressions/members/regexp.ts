import { toText } from '../coerce.ts'
import { execPattern, writtenAs } from '../patterns/regex.ts'
import { members } from '../values.ts'

const asPattern = (self: unknown): RegExp => {
  if (self instanceof RegExp) return self
  throw new TypeError('not a RegExp')
}

export const regexpMethods = members(
  {
    test: (evaluation, self, [value]) => {
      return execPattern(evaluation, asPattern(self), toText(evaluation, value)) !== null
    },
    exec: (evaluation, self, [value]) => {
      const match = execPattern(evaluation, asPattern(self), toText(evaluation, value))
      return match === null
        ? null
        : Object.assign([...match], { index: match.index, input: match.input, groups: match.groups && { ...match.groups } })
    },
    toString: (_, self) => `/${writtenAs(asPattern(self)).source}/${writtenAs(asPattern(self)).flags}`,
  },
  {
    source: (_, self) => writtenAs(asPattern(self)).source,
    flags: (_, self) => writtenAs(asPattern(self)).flags,
    global: (_, self) => asPattern(self).global,
    ignoreCase: (_, self) => writtenAs(asPattern(self)).flags.includes('i'),
    multiline: (_, self) => asPattern(self).multiline,
    sticky: (_, self) => asPattern(self).sticky,
    lastIndex: (_, self) => asPattern(self).lastIndex,
  },
)

import { type Arguments, type Closure, call, members, Native } from '../values.ts'

type Callee = Closure | Native
const list = (value: unknown): Arguments => (Array.isArray(value) ? value : [])

export const functionMethods = members(
  {
    call: (evaluation, self, [receiver, ...args]) => call(evaluation, self, args, receiver),
    apply: (evaluation, self, [receiver, args]) => call(evaluation, self, list(args), receiver),
    bind: (_, self, [receiver, ...bound]) =>
      new Native(`bound ${(self as Callee).name}`, (evaluation, _self, args) => call(evaluation, self, [...bound, ...args], receiver)),
    toString: (_, self) => `function ${(self as Callee).name}() { [native code] }`,
  },
  {
    name: (_, self) => (self as Callee).name,
    length: (_, self) => (self instanceof Native ? 0 : (self as Closure).length),
  },
)

import type { Evaluation } from './budget.ts'

/** Variables of one function call or loop turn; slot 0 is the frame around it. */
export type Frame = unknown[]
/** What every node of an expression is compiled to. */
export type Compute = (evaluation: Evaluation, frame: Frame) => unknown
export type Arguments = readonly unknown[]
export type NativeCall = (evaluation: Evaluation, self: unknown, args: Arguments) => unknown
export type NativeRead = (evaluation: Evaluation, self: unknown) => unknown

/** What of a kind of value can be reached: nothing else exists for an expression. */
export interface Members {
  readonly properties: { get(name: string): NativeRead | undefined }
  readonly methods: { get(name: string): NativeCall | undefined }
}
export interface MemberTable extends Members {
  readonly properties: ReadonlyMap<string, NativeRead>
  readonly methods: ReadonlyMap<string, NativeCall>
}

/** Generic in the names because a plain Record would give toString and its like the types that Object has. */
export const members = <Name extends string>(
  methods: { readonly [Key in Name]: NativeCall },
  properties: Record<string, NativeRead> = {},
): MemberTable => ({
  methods: new Map(Object.entries<NativeCall>(methods)),
  properties: new Map(Object.entries(properties)),
})

export const joinMembers = (...tables: readonly MemberTable[]): MemberTable => ({
  methods: new Map(tables.flatMap((table) => [...table.methods])),
  properties: new Map(tables.flatMap((table) => [...table.properties])),
})

/** A function written in an expression. Not callable by the host, so that no host code can run it by accident (toJSON, then, toString). */
export class Closure {
  readonly name: string
  readonly length: number
  readonly invoke: (evaluation: Evaluation, args: Arguments) => unknown
  /** The same for callbacks of list methods, without a list of arguments. */
  readonly visit: (evaluation: Evaluation, element: unknown, index: number, list: unknown) => unknown
  constructor(name: string, length: number, invoke: Closure['invoke'], visit?: Closure['visit']) {
    this.name = name
    this.length = length
    this.invoke = invoke
    this.visit = visit ?? ((evaluation, element, index, list) => invoke(evaluation, [element, index, list]))
  }
}

export const noMembers = members({})

/** A callable of ours. Host functions are never values. */
export class Native {
  readonly name: string
  readonly call: NativeCall
  readonly statics: Members
  readonly construct: ((evaluation: Evaluation, args: Arguments) => unknown) | undefined
  readonly isInstance: ((value: unknown) => boolean) | undefined
  constructor(
    name: string,
    call: NativeCall,
    more: {
      readonly statics?: Members
      readonly construct?: (evaluation: Evaluation, args: Arguments) => unknown
      readonly isInstance?: (value: unknown) => boolean
    } = {},
  ) {
    this.name = name
    this.call = call
    this.statics = more.statics ?? noMembers
    this.construct = more.construct
    this.isInstance = more.isInstance
    // Most outlive the evaluation.
    Object.freeze(this)
  }
}

/** An object whose members are computed when read: $input, $('Node'), Math. `listed` are the properties a copy of it has. */
export class Facade {
  readonly members: Members
  readonly target: unknown
  readonly listed: readonly string[]
  constructor(table: Members, target: unknown = undefined, listed: readonly string[] = []) {
    this.members = table
    this.target = target
    this.listed = listed
    // It outlives the evaluation.
    Object.freeze(this)
  }
}

export const isFunction = (value: unknown): value is Closure | Native => value instanceof Closure || value instanceof Native

/** An object of data: made by the expression, or out of an item. */
export const isPlain = (value: unknown): value is Record<string, unknown> => {
  if (typeof value !== 'object' || value === null) return false
  const prototype = Object.getPrototypeOf(value)
  return prototype === Object.prototype || prototype === null
}

export const call = (evaluation: Evaluation, callee: unknown, args: Arguments, self?: unknown): unknown => {
  if (callee instanceof Closure) return callee.invoke(evaluation, args)
  if (callee instanceof Native) {
    evaluation.charge(4)
    return callee.call(evaluation, self, args)
  }
  throw new TypeError('not a function')
}

/** Calls back for one element of a list. */
export const visit = (evaluation: Evaluation, callee: unknown, element: unknown, index: number, list: unknown): unknown =>
  callee instanceof Closure ? callee.visit(evaluation, element, index, list) : call(evaluation, callee, [element, index, list])

/** A host callback for the few host methods that take one. */
export const callback =
  (evaluation: Evaluation, callee: unknown) =>
  (...args: unknown[]): unknown =>
    call(evaluation, callee, args)

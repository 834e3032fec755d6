import { idOf } from '@weconnect/contracts/ids'

/** Id of the user who did it; null when it was no user. */
export const userOf = ({ actor }: { readonly actor: string }): string | null => (actor.startsWith('user:') ? actor.slice(5) : null)

let lastStream = ''
let lastId = ''

/** Id of the event's stream. Events of one append follow each other: the same text is answered, so that it is hashed once. */
export const streamIdOf = ({ stream }: { readonly stream: string }): string => {
  if (stream !== lastStream) {
    lastStream = stream
    lastId = idOf(stream)
  }
  return lastId
}

/** Milliseconds as a multiple of 1/1024: such numbers add up to the same sum in any order, which sums over batches need. */
export const summable = (milliseconds: number): number => Math.round(milliseconds * 1024) / 1024

/** The first `length` characters: what a person sees in a list, and what an index takes. */
export const clip = (text: string, length: number): string => (text.length <= length ? text : text.slice(0, length).toWellFormed())

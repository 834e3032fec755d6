import type { NodePort } from '@weconnect/contracts/node'

/** Ports of most nodes. */
export const main: readonly NodePort[] = [{ type: 'main' }]
export const noPorts: readonly NodePort[] = []
/** Main ports with names, such as true and false. */
export const named = (...names: readonly string[]): readonly NodePort[] => names.map((displayName) => ({ type: 'main', displayName }))

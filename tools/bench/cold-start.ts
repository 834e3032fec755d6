import { setTimeout as wait } from 'node:timers/promises'
import type { Effort, W3 } from './measures.ts'
import { type Product, startProduct } from './product.ts'
import { median } from './statistics.ts'

/** W3: start on a new data folder, and again on the same one; what it takes when nothing happens. The last start is left running. */
export const measureW3 = async (
  data: string,
  effort: Effort,
  say: (text: string) => void,
): Promise<{ readonly w3: W3; readonly product: Product }> => {
  say('W3, first start')
  let product = await startProduct(data)
  const firstStartMs = product.startMs
  const starts: number[] = []
  for (let start = 1; start <= effort.starts; start += 1) {
    await product.stop()
    say(`W3, start ${start} of ${effort.starts}`)
    product = await startProduct(data)
    starts.push(product.startMs)
  }
  await wait(effort.settleMs)
  return {
    product,
    w3: { firstStartMs, nextStartMs: starts.length === 0 ? firstStartMs : median(starts), idleRssMb: product.usage()?.memoryMb ?? -1 },
  }
}

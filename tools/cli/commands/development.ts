export const test = async (args: readonly string[]): Promise<number> => (await import('@weconnect/check/run-tests')).runTests([...args])
export const check = async (args: readonly string[]): Promise<number> => (await import('@weconnect/check/run-check')).runCheck([...args])
export const bench = async (args: readonly string[]): Promise<number> => (await import('@weconnect/bench/run-bench')).runBench([...args])
export const generate = async (args: readonly string[]): Promise<number> =>
  (await import('@weconnect/check/run-generate')).runGenerate([...args])
export const conformance = async (args: readonly string[]): Promise<number> =>
  (await import('@weconnect/conformance/run-conformance')).runConformance([...args])

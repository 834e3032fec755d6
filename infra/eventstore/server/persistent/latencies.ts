/** Names and milliseconds of how long a consumer takes to answer, as the protocol reports them. */
export const latencyMeasurements = (latenciesMs: readonly number[]): readonly (readonly [string, number])[] => {
  const sorted = [...latenciesMs].sort((a, b) => a - b)
  const at = (share: number): number => Math.round(sorted[Math.min(sorted.length - 1, Math.floor(share * sorted.length))] ?? 0)
  const mean = sorted.length === 0 ? 0 : Math.round(sorted.reduce((sum, one) => sum + one, 0) / sorted.length)
  const quintiles = [1, 2, 3, 4, 5].map((number) => [`Quintile ${number}`, at(number / 5)] as const)
  const shares = [0.9, 0.95, 0.99, 0.995, 0.999].map((share) => [`${share * 100}%`, at(share)] as const)
  return [['Mean', mean], ['Median', at(0.5)], ['Fastest', at(0)], ...quintiles, ...shares, ['Highest', at(1)]]
}

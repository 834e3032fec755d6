/** For `test.skipIf(unable('mount a tmpfs', able))`: what takes rights over the machine is skipped without them, loudly; that is no failure anywhere. */
export const unable = (what: string, able: boolean): boolean => {
  if (!able) console.warn(`skipped: this user may not ${what} on this machine`)
  return !able
}

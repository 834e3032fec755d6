/** A path of a webhook, as the routing table and the reservations see it: each segment decoded, the names of parameters left out. */

export const isParameter = (segment: string): boolean => segment.length > 1 && segment.startsWith(':')

/** Double slashes, and those at the ends, say nothing. */
export const segmentsOf = (path: string): string[] => path.split('/').filter((segment) => segment !== '')

/** A segment without its percent-encoding; one that is not encoded rightly is taken as it is. */
export const decoded = (segment: string): string => {
  try {
    return decodeURIComponent(segment)
  } catch {
    return segment
  }
}

const encoded = (segment: string): string => encodeURIComponent(decoded(segment).toWellFormed())

/** `a b`, `a%20b` and `/a%20b/` are one path; `:id/x` and `:name/x` too, but `a%2Fb` is not `a/b`. */
export const patternKey = (path: string): string =>
  segmentsOf(path)
    .map((segment) => (isParameter(segment) ? ':' : encoded(segment)))
    .join('/')

/** The same for a path that was called, which has no parameters. */
export const calledKey = (path: string): string => segmentsOf(path).map(encoded).join('/')

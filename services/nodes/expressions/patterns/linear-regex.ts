import v8 from 'node:v8'

// Imported for its effect, before any pattern is compiled: a pattern that backtracks too much goes on in V8's linear engine.
// The second engine flag only admits the flag `l`, by which a pattern says whether that engine can run it at all.
v8.setFlagsFromString('--enable-experimental-regexp-engine-on-excessive-backtracks')
// Counted anew at every place where a match may begin: with V8's own 50,000, a pattern that backtracks from each of them took a second over 30,000
// characters.
v8.setFlagsFromString('--regexp-backtracks-before-fallback=200')
v8.setFlagsFromString('--enable-experimental-regexp-engine')

/** Whether V8's linear engine can run the pattern: no lookahead, backreference, `i`, `u` or long counted repetition. */
export const isLinear = (pattern: string, flags: string): boolean => {
  try {
    new RegExp(pattern, `${flags.replace(/[gy]/g, '')}l`)
    return true
  } catch {
    return false
  }
}

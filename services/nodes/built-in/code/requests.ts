/** Code that makes requests names the helper that does: what is not named is refused when it runs. */
export const requestsByName = /\bhttpRequest\b/

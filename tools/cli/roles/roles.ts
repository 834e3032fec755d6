/** What a process may do of the product; each can run alone, any number of times. */
export const roles = ['gateway', 'webhooks', 'engine', 'relay', 'projections', 'scheduler', 'realtime'] as const
export type Role = (typeof roles)[number]
export const isRole = (word: string): word is Role => (roles as readonly string[]).includes(word)

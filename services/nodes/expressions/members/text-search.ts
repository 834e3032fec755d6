import type { Evaluation } from '../budget.ts'

/** Looking for a text inside another takes, at worst, the product of their lengths. */
export const payForSearch = (evaluation: Evaluation, text: string, part: string): void =>
  evaluation.charge(1 + Math.floor((text.length * Math.min(part.length, Math.max(1, text.length - part.length))) / 32))

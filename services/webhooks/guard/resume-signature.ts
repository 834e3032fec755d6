import { createHmac, timingSafeEqual } from 'node:crypto'

/** Proves that an address which ends a wait was given out by the execution itself. */
export interface ResumeSignatures {
  of(executionId: string): string
  isOf(executionId: string, signature: unknown): boolean
}

/** @param key 32 bytes */
export const openResumeSignatures = (key: Buffer): ResumeSignatures => {
  const of = (executionId: string): string => createHmac('sha256', key).update(executionId).digest('base64url')
  return {
    of,
    isOf: (executionId, signature) => {
      const [given, wanted] = [Buffer.from(String(signature)), Buffer.from(of(executionId))]
      return given.length === wanted.length && timingSafeEqual(given, wanted)
    },
  }
}

/** @param base address by which the instance is reached, without a slash at its end */
export const resumeUrlOf = (base: string, executionId: string, signatures: ResumeSignatures): string =>
  `${base}/webhook-waiting/${executionId}?signature=${signatures.of(executionId)}`

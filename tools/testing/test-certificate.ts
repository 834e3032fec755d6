import { execFileSync } from 'node:child_process'
import { mkdtempSync, readFileSync, rmSync } from 'node:fs'
import { tmpdir } from 'node:os'
import { join } from 'node:path'

export const hasOpenssl = (): boolean => {
  try {
    execFileSync('openssl', ['version'], { stdio: 'ignore' })
    return true
  } catch {
    return false
  }
}

export interface TestCertificate {
  /** Of the authority that signed it. */
  readonly authorityFile: string
  readonly authority: string
  readonly certificateFile: string
  readonly certificate: string
  readonly keyFile: string
  readonly key: string
  remove(): void
}

/** A certificate for localhost, and an authority for it: for a day. */
export const testCertificate = (): TestCertificate => {
  const folder = mkdtempSync(join(tmpdir(), 'weconnect-tls-'))
  const at = (name: string): string => join(folder, name)
  const make = (name: string, subject: string, ...more: readonly string[]): void => {
    const key = ['-newkey', 'ec', '-pkeyopt', 'ec_paramgen_curve:prime256v1', '-nodes', '-keyout', at(`${name}.key`)]
    execFileSync('openssl', ['req', '-x509', ...key, '-days', '1', '-subj', subject, '-out', at(`${name}.pem`), ...more], {
      stdio: 'ignore',
    })
  }
  make('authority', '/CN=WeConnect tests')
  const names = ['-addext', 'subjectAltName=DNS:localhost', '-addext', 'basicConstraints=critical,CA:FALSE']
  make('server', '/CN=localhost', '-CA', at('authority.pem'), '-CAkey', at('authority.key'), ...names)
  const text = (name: string): string => readFileSync(at(name), 'utf8')
  return {
    authorityFile: at('authority.pem'),
    authority: text('authority.pem'),
    certificateFile: at('server.pem'),
    certificate: text('server.pem'),
    keyFile: at('server.key'),
    key: text('server.key'),
    remove: () => rmSync(folder, { recursive: true }),
  }
}

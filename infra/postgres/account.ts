import { spawnSync } from 'node:child_process'
import { chownSync, mkdirSync, readFileSync } from 'node:fs'
import { dirname } from 'node:path'

/** Whom PostgreSQL runs as. Both undefined: as ourselves. */
export interface Account {
  readonly uid?: number
  readonly gid?: number
}

/** PostgreSQL refuses to run as root: then it runs as nobody, an account that every system has. */
export const serverAccount = (): Account => {
  if (process.getuid?.() !== 0) return {}
  const entry = readFileSync('/etc/passwd', 'utf8')
    .split('\n')
    .map((line) => line.split(':'))
    .find(([name]) => name === 'nobody')
  return { uid: Number(entry?.[2] ?? 65_534), gid: Number(entry?.[3] ?? 65_534) }
}

/** Makes a folder that only `account` (and root) can enter. */
export const makePrivateFolder = (folder: string, account: Account): void => {
  mkdirSync(dirname(folder), { recursive: true, mode: 0o755 })
  mkdirSync(folder, { recursive: true, mode: 0o700 })
  if (account.uid !== undefined) chownSync(folder, account.uid, account.gid ?? account.uid)
}

/** Whether `account` gets to a folder that it owns: every folder above must let it through. */
export const canReach = (folder: string, account: Account): boolean =>
  account.uid === undefined || spawnSync('test', ['-w', folder], { uid: account.uid, gid: account.gid, cwd: '/' }).status === 0

import { join } from 'node:path'
import type { Engine } from '../engine.ts'
import { copyArtifact, java } from '../maven.ts'
import { isOpen } from '../ports.ts'

const version = '2.1.0'
const jar = `greenmail-standalone-${version}.jar`

/** GreenMail from Maven Central: a mail server in memory, in by SMTP, out by IMAP; ada@example.org, whose password is `secret`, and whom else mail comes for. */
export const imap: Engine = {
  name: 'imap',
  version,
  needs: ['java', 'mvn'],
  portCount: 2,
  install: async (folder) => void (await copyArtifact(folder, `com.icegreen:greenmail-standalone:${version}`)),
  launch: async ({ installed, ports: [imapPort, smtpPort] }) => ({
    command: [
      ...java(128),
      ...['-Dgreenmail.imap.hostname=127.0.0.1', `-Dgreenmail.imap.port=${imapPort}`],
      ...['-Dgreenmail.smtp.hostname=127.0.0.1', `-Dgreenmail.smtp.port=${smtpPort}`],
      '-Dgreenmail.users=ada:secret@example.org',
      '-Dgreenmail.users.login=email',
      ...['-jar', join(installed, jar)],
    ],
  }),
  isReady: async ({ ports: [imapPort = 0, smtpPort = 0] }) => (await isOpen(imapPort)) && isOpen(smtpPort),
  variables: ({ ports: [imapPort, smtpPort] }) => ({
    IMAP_URL: `imap://ada%40example.org:secret@127.0.0.1:${imapPort}`,
    IMAP_SMTP_URL: `smtp://127.0.0.1:${smtpPort}`,
  }),
}

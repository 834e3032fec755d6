import type { AddressInfo } from 'node:net'
import { parseEgressAllow } from '@weconnect/http/address-guard'
import { SMTPServer } from 'smtp-server'
import { afterAll, beforeAll, expect, test } from 'vitest'
import { openSmtp } from './smtp.ts'

const received: { readonly from: string; readonly to: readonly string[]; readonly text: string; readonly user: string }[] = []
const server = new SMTPServer({
  authOptional: true,
  disabledCommands: ['STARTTLS'],
  onAuth: ({ username, password }, _session, done) =>
    password === 'right' ? done(null, { user: username }) : done(new Error('Invalid username or password')),
  onRcptTo: ({ address }, _session, done) => (address.startsWith('nobody') ? done(new Error('no such mailbox')) : done()),
  onData: (stream, session, done) => {
    const chunks: Buffer[] = []
    stream.on('data', (chunk: Buffer) => chunks.push(chunk))
    stream.on('end', () => {
      const { mailFrom, rcptTo } = session.envelope
      const from = mailFrom === false ? '' : mailFrom.address
      received.push({
        from,
        to: rcptTo.map(({ address }) => address),
        text: Buffer.concat(chunks).toString(),
        user: String(session.user ?? ''),
      })
      done()
    })
  },
})
let port = 0
beforeAll(async () => {
  await new Promise<void>((resolve) => void server.listen(0, '127.0.0.1', resolve))
  port = (server.server.address() as AddressInfo).port
})
afterAll(() => new Promise<void>((resolve) => void server.close(resolve)))

const settings = () => ({ host: '127.0.0.1', port, secure: false, user: 'ada', password: 'right' })
const mailer = openSmtp({ allow: parseEgressAllow('127.0.0.0/8') })
const message = { from: 'Ada <ada@example.org>', to: 'bob@example.org, eve@example.org', subject: 'Grüße', text: 'Hello', attachments: [] }

test('a message arrives with its attachments, and says what the server said', async () => {
  const attachments = [{ fileName: 'a.txt', mimeType: 'text/plain', base64: Buffer.from('attached').toString('base64') }]
  const answer = await mailer.send(settings(), { ...message, bcc: 'hidden@example.org', attachments }, 'key')
  expect(answer).toMatchObject({
    messageId: '<key@weconnect>',
    accepted: expect.arrayContaining(['bob@example.org', 'hidden@example.org']),
    rejected: [],
  })
  expect(answer.response).toMatch(/^250/)
  const [mail] = received
  expect(mail).toMatchObject({
    from: 'ada@example.org',
    user: 'ada',
    to: expect.arrayContaining(['bob@example.org', 'eve@example.org', 'hidden@example.org']),
  })
  expect(mail?.text).toContain('Subject: =?UTF-8?')
  expect(mail?.text).toContain('filename=a.txt')
  expect(mail?.text).toContain(Buffer.from('attached').toString('base64'))
  expect(mail?.text).not.toContain('hidden@example.org')
})

test('line breaks in what a user gives make no header', async () => {
  await mailer.send(settings(), { ...message, subject: 'one\r\nBcc: evil@example.org', to: 'bob@example.org' }, 'k2')
  const mail = received.at(-1)
  expect(mail?.to).toEqual(['bob@example.org'])
  expect(mail?.text).not.toMatch(/^Bcc:/m)
})

test('who is refused is told', async () => {
  await expect(mailer.send({ ...settings(), password: 'wrong' }, message, 'k')).rejects.toMatchObject({
    code: 'EGRESS_FAILED',
    message: expect.stringContaining('Invalid'),
  })
  await expect(mailer.send(settings(), { ...message, to: 'nobody@example.org' }, 'k')).rejects.toThrow('did not take it')
  await expect(mailer.verify(settings())).resolves.toBeUndefined()
  await expect(mailer.verify({ ...settings(), password: 'wrong' })).rejects.toMatchObject({ code: 'EGRESS_FAILED' })
})

test('a mail server on a local address is out of reach unless it is allowed', async () => {
  const strict = openSmtp()
  for (const host of ['127.0.0.1', '::ffff:127.0.0.1', 'localhost', '169.254.169.254'])
    await expect(strict.send({ ...settings(), host }, message, 'k'), host).rejects.toMatchObject({ code: 'EGRESS_DENIED' })
  const moved = openSmtp({ resolve: async () => ['10.0.0.1'] })
  await expect(moved.verify({ ...settings(), host: 'mail.example.org' })).rejects.toMatchObject({ code: 'EGRESS_DENIED' })
})

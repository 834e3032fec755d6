import { WeConnectError } from '@weconnect/contracts/errors'
import type { JsonObject } from '@weconnect/contracts/json'
import type { MailAnswer, Mailer, MailMessage } from '@weconnect/contracts/mail'
import { type AddressGuardOptions, addressGuard } from '@weconnect/http/address-guard'

/** Milliseconds to wait for a connection, a greeting, and for each answer. */
const patience = { connectionTimeout: 30_000, greetingTimeout: 30_000, socketTimeout: 60_000 }

const textOf = (value: unknown): string => (typeof value === 'string' || typeof value === 'number' ? String(value) : '')

const addresses = (list: readonly (string | { readonly address: string })[] | undefined): string[] =>
  (list ?? []).map((each) => (typeof each === 'string' ? each : each.address))

const failure = (host: string, error: unknown): WeConnectError => {
  if (error instanceof WeConnectError) return error
  const message = error instanceof Error ? error.message : String(error)
  return new WeConnectError('EGRESS_FAILED', `The mail server ${host} did not take it: ${message}`, { cause: error })
}

const mailOf = ({ attachments, allowUnauthorizedCerts: _, ...message }: MailMessage, key: string) => ({
  ...message,
  messageId: `<${key.slice(0, 40)}@weconnect>`,
  // Content only: neither paths nor addresses are fetched.
  disableFileAccess: true,
  disableUrlAccess: true,
  attachments: attachments.map(({ fileName, mimeType, base64 }) => ({
    filename: fileName,
    contentType: mimeType,
    content: Buffer.from(base64, 'base64'),
  })),
})

/** Mail by SMTP. The address that was checked is the one that is connected to. */
export const openSmtp = (options: AddressGuardOptions = {}): Mailer => {
  const guard = addressGuard(options)

  const connect = async (settings: JsonObject, lax: boolean) => {
    const host = textOf(settings['host']).trim()
    const secure = settings['secure'] !== false
    const port = Number(settings['port']) || (secure ? 465 : 587)
    const [address] = await guard(host, port)
    const { createTransport } = await import('nodemailer')
    const user = textOf(settings['user'])
    return createTransport({
      host: address,
      port,
      secure,
      ignoreTLS: !secure && settings['disableStartTls'] === true,
      tls: { servername: host, rejectUnauthorized: !lax },
      ...(user === '' ? {} : { auth: { user, pass: textOf(settings['password']) } }),
      ...(textOf(settings['hostName']) === '' ? {} : { name: textOf(settings['hostName']) }),
      disableFileAccess: true,
      disableUrlAccess: true,
      ...patience,
    })
  }

  /** A connection for one use, closed after it. */
  const using = async <T>(
    settings: JsonObject,
    lax: boolean,
    use: (transport: Awaited<ReturnType<typeof connect>>) => Promise<T>,
  ): Promise<T> => {
    try {
      const transport = await connect(settings, lax)
      try {
        return await use(transport)
      } finally {
        transport.close()
      }
    } catch (error) {
      throw failure(textOf(settings['host']), error)
    }
  }

  return {
    send: (settings, message, key) =>
      using(settings, message.allowUnauthorizedCerts === true, async (transport): Promise<MailAnswer> => {
        const { messageId, accepted, rejected, response, envelope } = await transport.sendMail(mailOf(message, key))
        return {
          messageId,
          accepted: addresses(accepted),
          rejected: addresses(rejected),
          response,
          envelope: { from: envelope.from === false ? '' : envelope.from, to: envelope.to },
        }
      }),
    verify: (settings) =>
      using(settings, false, async (transport) => {
        await transport.verify()
      }),
  }
}

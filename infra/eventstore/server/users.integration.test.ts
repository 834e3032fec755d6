import service from '@eventstore/db-client/generated/users_grpc_pb.js'
import type { DetailsResp } from '@eventstore/db-client/generated/users_pb.js'
import messages from '@eventstore/db-client/generated/users_pb.js'
import { credentials, Metadata, status } from '@grpc/grpc-js'
import { type ServedLog, serveLog } from '@weconnect/testing/event-store-server'
import { missing } from '@weconnect/testing/requires'
import { hasOpenssl, testCertificate } from '@weconnect/testing/test-certificate'
import { afterAll, beforeAll, describe, expect, test } from 'vitest'

/*
 * The service of accounts, by the stubs that the official client ships: its own face does not reach it.
 */
const password = 'correct horse'

const header = (name: string, secret: string): Metadata => {
  const metadata = new Metadata()
  metadata.set('authorization', `Basic ${Buffer.from(`${name}:${secret}`).toString('base64')}`)
  return metadata
}
const admin = header('admin', password)

describe.skipIf(missing('openssl', hasOpenssl()))('accounts', () => {
  let served: ServedLog
  let users: InstanceType<typeof service.UsersClient>
  beforeAll(async () => {
    const tls = testCertificate()
    served = await serveLog({ tls: { certificate: tls.certificate, key: tls.key, adminPassword: password } })
    users = new service.UsersClient(`localhost:${served.port}`, credentials.createSsl(Buffer.from(tls.authority)))
    tls.remove()
  })
  afterAll(async () => {
    users.close()
    await served.close()
  })

  type Unary<Request> = (request: Request, metadata: Metadata, done: (error: Error | null) => void) => unknown
  const call = <Request>(method: Unary<Request>, request: Request, who = admin): Promise<void> =>
    new Promise((resolve, reject) => method.call(users, request, who, (error) => (error ? reject(error) : resolve())))
  const details = (login: string, who = admin): Promise<DetailsResp.UserDetails.AsObject[]> =>
    new Promise((resolve, reject) => {
      const found: DetailsResp.UserDetails.AsObject[] = []
      const options = new messages.DetailsReq.Options().setLoginName(login)
      users
        .details(new messages.DetailsReq().setOptions(options), who)
        .on('data', (one: DetailsResp) => found.push(one.getUserDetails()?.toObject() as DetailsResp.UserDetails.AsObject))
        .on('error', reject)
        .on('end', () => resolve(found))
    })
  const create = (login: string, secret: string) =>
    new messages.CreateReq().setOptions(
      new messages.CreateReq.Options().setLoginName(login).setPassword(secret).setFullName(`The ${login}`).setGroupsList(['readers']),
    )

  test('made, looked at, changed, disabled, enabled, and deleted', async () => {
    await call(users.create, create('ann', 'first'))
    expect(await details('ann')).toMatchObject([{ loginName: 'ann', fullName: 'The ann', groupsList: ['readers'], disabled: false }])
    expect((await details('')).map(({ loginName }) => loginName)).toEqual(['ops', 'admin', 'ann'])
    const ann = header('ann', 'first')
    expect(await details('ann', ann)).toHaveLength(1)
    await expect(details('', ann)).rejects.toMatchObject({ code: status.PERMISSION_DENIED })

    const change = new messages.ChangePasswordReq.Options().setLoginName('ann').setCurrentPassword('wrong').setNewPassword('second')
    await expect(call(users.changePassword, new messages.ChangePasswordReq().setOptions(change), ann)).rejects.toMatchObject({
      code: status.PERMISSION_DENIED,
    })
    await call(users.changePassword, new messages.ChangePasswordReq().setOptions(change.setCurrentPassword('first')), ann)
    await expect(details('ann', ann)).rejects.toMatchObject({ code: status.UNAUTHENTICATED })
    const again = header('ann', 'second')
    expect(await details('ann', again)).toHaveLength(1)

    await call(users.disable, new messages.DisableReq().setOptions(new messages.DisableReq.Options().setLoginName('ann')))
    await expect(details('ann', again)).rejects.toMatchObject({ code: status.UNAUTHENTICATED })
    await call(users.enable, new messages.EnableReq().setOptions(new messages.EnableReq.Options().setLoginName('ann')))
    const reset = new messages.ResetPasswordReq.Options().setLoginName('ann').setNewPassword('third')
    await call(users.resetPassword, new messages.ResetPasswordReq().setOptions(reset))
    expect(await details('ann', header('ann', 'third'))).toHaveLength(1)

    await served.kill()
    await served.start()
    await expect.poll(() => details('ann', header('ann', 'third')).catch(() => 'not yet'), { timeout: 20_000 }).toHaveLength(1)
    await call(users.delete, new messages.DeleteReq().setOptions(new messages.DeleteReq.Options().setLoginName('ann')))
    await expect(details('ann')).rejects.toMatchObject({ code: status.NOT_FOUND })
    await expect(details('ann', header('ann', 'third'))).rejects.toMatchObject({ code: status.UNAUTHENTICATED })
  })

  test('one of that name is refused, and so is who is no administrator', async () => {
    await call(users.create, create('bob', 'secret'))
    await expect(call(users.create, create('bob', 'secret'))).rejects.toMatchObject({ code: status.FAILED_PRECONDITION })
    await expect(call(users.create, create('eve', 'secret'), header('bob', 'secret'))).rejects.toMatchObject({
      code: status.PERMISSION_DENIED,
    })
    await expect(call(users.create, create('eve', 'secret'), new Metadata())).rejects.toMatchObject({ code: status.UNAUTHENTICATED })
  })
})

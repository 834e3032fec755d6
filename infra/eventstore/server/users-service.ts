import type * as messages from '@eventstore/db-client/generated/users_pb.js'
import users from '@eventstore/db-client/generated/users_pb.js'
import type { Access } from './access.ts'
import { type Call, streaming, unary } from './calls.ts'
import { accessDenied, invalidArgument } from './refusal.ts'
import type { User, Users } from './users.ts'

const ticksPerMillisecond = 10_000n

const detailsMessage = ({ name, fullName, groups, disabled, updated }: User): messages.DetailsResp =>
  new users.DetailsResp().setUserDetails(
    new users.DetailsResp.UserDetails()
      .setLoginName(name)
      .setFullName(fullName)
      .setGroupsList([...groups])
      .setDisabled(disabled)
      .setLastUpdated(new users.DetailsResp.UserDetails.DateTime().setTicksSinceEpoch(String(BigInt(updated) * ticksPerMillisecond))),
  )

const given = <Options>(options: Options | undefined): Options => {
  if (!options) throw invalidArgument('The request has no options')
  return options
}

/** The service users.Users: accounts, for administrators; everybody may look at and change the password of their own. */
export const usersService = (accounts: Users, access: Access) => {
  const admin = async (call: Call): Promise<void> => access.checkAdmin(await access.who(call))
  const adminOr = async (call: Call, login: string): Promise<void> => {
    const caller = await access.who(call)
    if (caller.name !== login) access.checkAdmin(caller)
  }

  return {
    create: unary<messages.CreateReq, messages.CreateResp>(async (request, call) => {
      await admin(call)
      const { loginName: name, fullName, groupsList: groups, password } = given(request.getOptions()).toObject()
      if (name === '' || password === '') throw invalidArgument('An account has a name and a password')
      await accounts.create({ name, fullName, groups }, password)
      return new users.CreateResp()
    }),
    update: unary<messages.UpdateReq, messages.UpdateResp>(async (request, call) => {
      await admin(call)
      const { loginName, fullName, groupsList: groups, password } = given(request.getOptions()).toObject()
      await accounts.update(loginName, { fullName, groups }, password)
      return new users.UpdateResp()
    }),
    delete: unary<messages.DeleteReq, messages.DeleteResp>(async (request, call) => {
      await admin(call)
      await accounts.remove(given(request.getOptions()).getLoginName())
      return new users.DeleteResp()
    }),
    disable: unary<messages.DisableReq, messages.DisableResp>(async (request, call) => {
      await admin(call)
      await accounts.setDisabled(given(request.getOptions()).getLoginName(), true)
      return new users.DisableResp()
    }),
    enable: unary<messages.EnableReq, messages.EnableResp>(async (request, call) => {
      await admin(call)
      await accounts.setDisabled(given(request.getOptions()).getLoginName(), false)
      return new users.EnableResp()
    }),
    details: streaming<messages.DetailsReq, messages.DetailsResp>(async (request, call, send) => {
      const login = request.getOptions()?.getLoginName() ?? ''
      await adminOr(call, login)
      for (const user of login === '' ? await accounts.list() : [await accounts.details(login)]) await send(detailsMessage(user))
    }),
    changePassword: unary<messages.ChangePasswordReq, messages.ChangePasswordResp>(async (request, call) => {
      const { loginName, currentPassword, newPassword } = given(request.getOptions()).toObject()
      if ((await access.who(call)).name !== loginName) throw accessDenied()
      await accounts.changePassword(loginName, currentPassword, newPassword)
      return new users.ChangePasswordResp()
    }),
    resetPassword: unary<messages.ResetPasswordReq, messages.ResetPasswordResp>(async (request, call) => {
      await admin(call)
      const { loginName, newPassword } = given(request.getOptions()).toObject()
      await accounts.resetPassword(loginName, newPassword)
      return new users.ResetPasswordResp()
    }),
  }
}

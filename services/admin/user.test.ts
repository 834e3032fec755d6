import { isWeConnectError } from '@weconnect/contracts/errors'
import type { UserEvent } from '@weconnect/contracts/events/user'
import { expect, test } from 'vitest'
import { decideOrganisation, evolveOrganisation, noOrganisation } from './organisation.ts'
import { decideUser, evolveUser, noUser, type UserCommand } from './user.ts'

const register: UserCommand = {
  type: 'RegisterUser',
  userId: 'u',
  organisationId: 'o',
  email: ' Ada@Example.org ',
  passwordHash: 'scrypt$...',
  role: 'owner',
}
const registered: UserEvent = {
  type: 'UserRegistered',
  data: { userId: 'u', organisationId: 'o', email: 'ada@example.org', passwordHash: 'scrypt$...', role: 'owner' },
}

const given = (past: readonly UserEvent[]) => ({
  when: (command: UserCommand) => {
    const decide = () => decideUser(command, past.reduce(evolveUser, noUser))
    return {
      gives: (events: readonly UserEvent[]) => expect(decide()).toEqual(events),
      refuses: (code: string) => expect(decide).toThrowError(expect.objectContaining({ code })),
    }
  },
})

test('a user registers with a lower-case address', () => given([]).when(register).gives([registered]))
test('an address registers once', () => given([registered]).when(register).refuses('INVALID_STATE'))
test('what is no address is refused', () =>
  given([])
    .when({ ...register, email: 'nobody' })
    .refuses('INVALID_INPUT'))
test('a sign-in is recorded', () =>
  given([registered])
    .when({ type: 'RecordSignIn', userId: 'u', tokenId: 't' })
    .gives([{ type: 'UserSignedIn', data: { tokenId: 't' } }]))
test('nobody signs in before they registered', () =>
  given([]).when({ type: 'RecordSignIn', userId: 'u', tokenId: 't' }).refuses('NOT_FOUND'))

test('an organisation is created once, and creating it again changes nothing', () => {
  const create = { type: 'CreateOrganisation', organisationId: 'o', name: ' Home ' } as const
  const events = decideOrganisation(create, noOrganisation)
  expect(events).toEqual([{ type: 'OrganisationCreated', data: { organisationId: 'o', name: 'Home' } }])
  expect(decideOrganisation(create, events.reduce(evolveOrganisation, noOrganisation))).toEqual([])
})

test('an organisation needs a name', () => {
  try {
    decideOrganisation({ type: 'CreateOrganisation', organisationId: 'o', name: ' ' }, noOrganisation)
    expect.unreachable()
  } catch (error) {
    expect(isWeConnectError(error, 'INVALID_INPUT')).toBe(true)
  }
})

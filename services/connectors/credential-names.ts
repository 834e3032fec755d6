import type { Envelope } from '@weconnect/contracts/envelope'
import type { CredentialEvent } from '@weconnect/contracts/events/credential'
import { idOf } from '@weconnect/contracts/ids'

interface Named {
  readonly credentialId: string
  readonly organisationId: string
  readonly type: string
  readonly name: string
}

/** Names of all credentials, folded from the log, for references that come with a name only. */
export class CredentialNames {
  readonly #byId = new Map<string, Named>()

  apply(event: Pick<Envelope<CredentialEvent>, 'stream' | 'organisationId'> & CredentialEvent): void {
    const credentialId = idOf(event.stream)
    if (event.type === 'CredentialDeleted') this.#byId.delete(credentialId)
    if (event.type === 'CredentialCreated') {
      const { name, credentialType: type } = event.data
      this.#byId.set(credentialId, { credentialId, organisationId: event.organisationId, type, name })
    }
    const known = this.#byId.get(credentialId)
    if (event.type === 'CredentialRenamed' && known) this.#byId.set(credentialId, { ...known, name: event.data.name })
  }

  /** Ids of an organisation's credentials of this type and name. */
  find(organisationId: string, type: string, name: string): readonly string[] {
    return this.of(organisationId)
      .filter((each) => each.type === type && each.name === name)
      .map(({ credentialId }) => credentialId)
  }

  of(organisationId: string): readonly Named[] {
    return [...this.#byId.values()].filter((each) => each.organisationId === organisationId)
  }
}

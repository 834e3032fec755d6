// Generated from contracts/schemas by `./weconnect generate`. Do not edit.

/** A secret was stored for nodes to use. */
export interface CredentialCreated {
  readonly type: 'CredentialCreated'
  readonly data: {
    /** Id. */
    readonly credentialId: string
    /** Name, for people. */
    readonly name: string
    /** For example httpBasicAuth. */
    readonly credentialType: string
    /** Key that sealed it; not the key of payloads. */
    readonly keyId: string
    /** The secret fields, AES-256-GCM, base64: sealed again apart from payloads, so that who may read events cannot read it. */
    readonly sealed: string
    /** Hosts it may be sent to; absent: all; empty: none. */
    readonly allowedDomains?: readonly string[]
  }
}

/** The secret was replaced as a whole. */
export interface CredentialDataReplaced {
  readonly type: 'CredentialDataReplaced'
  readonly data: {
    /** Key that sealed it; not the key of payloads. */
    readonly keyId: string
    /** The secret fields, AES-256-GCM, base64: sealed again apart from payloads, so that who may read events cannot read it. */
    readonly sealed: string
    /** Hosts it may be sent to; absent: all; empty: none. */
    readonly allowedDomains?: readonly string[]
  }
}

/** Nodes can no longer use it. */
export interface CredentialDeleted {
  readonly type: 'CredentialDeleted'
  readonly data: Readonly<Record<string, never>>
}

/** It has another name. */
export interface CredentialRenamed {
  readonly type: 'CredentialRenamed'
  readonly data: {
    /** Name, for people. */
    readonly name: string
  }
}

/** Someone tried whether it works. */
export interface CredentialTested {
  readonly type: 'CredentialTested'
  readonly data: {
    /** Whether it did. */
    readonly ok: boolean
    /** What the service said, without secrets. */
    readonly message: string
  }
}

/** An OAuth service gave tokens for it. */
export interface CredentialTokensStored {
  readonly type: 'CredentialTokensStored'
  readonly data: {
    /** Key that sealed it; not the key of payloads. */
    readonly keyId: string
    /** The tokens, sealed as the secret fields are. */
    readonly sealed: string
    /** ISO 8601; absent: the service did not say. */
    readonly expiresAt?: string
  }
}

export type CredentialEvent =
  | CredentialCreated
  | CredentialDataReplaced
  | CredentialDeleted
  | CredentialRenamed
  | CredentialTested
  | CredentialTokensStored

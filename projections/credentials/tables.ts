import { table } from '../runner/tables/table.ts'

export const credentials = table({
  name: 'credentials',
  columns: {
    id: 'uuid',
    name: 'text',
    type: 'text',
    user_id: 'text',
    organization_id: 'text',
    /** Sealed by a key that this read model does not have. */
    encrypted_data: 'text',
    encryption_key_id: 'text',
    /** Tokens, sealed in the same way. */
    oauth_data: 'text',
    test_connection_data: 'jsonb',
    metadata: 'jsonb',
    is_deleted: 'boolean',
    expires_at: 'timestamptz',
    last_used_at: 'timestamptz',
    created_at: 'timestamptz',
    updated_at: 'timestamptz',
  },
  key: ['id'],
  indexes: ['(organization_id, created_at, id)'],
})

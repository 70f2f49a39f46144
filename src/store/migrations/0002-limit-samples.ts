// What calm traffic did, hour by hour, for learned limits. A new table only: the version before does not look at it.

import type { Migration } from '../migrate.ts'

export const migration0002: Migration = {
  version: 2,
  minimumReader: 1,
  async up({ schema }, { whole, bytes }) {
    await schema
      .createTable('limit_samples')
      .addColumn('scope', 'text', column => column.notNull())
      .addColumn('hour', whole, column => column.notNull())
      .addColumn('body', bytes, column => column.notNull())
      .addPrimaryKeyConstraint('limit_samples_key', ['scope', 'hour'])
      .execute()
  },
}

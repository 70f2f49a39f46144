// Traffic as it was: a row for each series and day. A new table only: the version before does not look at it.

import type { Migration } from '../migrate.ts'

export const migration0006: Migration = {
  version: 6,
  minimumReader: 5,
  async up({ schema }, { whole, bytes }) {
    await schema
      .createTable('traffic_days')
      .addColumn('series', 'text', column => column.notNull())
      .addColumn('day', whole, column => column.notNull())
      .addColumn('body', bytes, column => column.notNull())
      .addPrimaryKeyConstraint('traffic_days_key', ['series', 'day'])
      .execute()
    await schema.createIndex('traffic_days_day').on('traffic_days').column('day').execute()
  },
}

// Traffic of the last day by ten seconds: a row for each series and five minutes. A new table only: the version before does
// not look at it.

import type { Migration } from '../migrate.ts'

export const migration0007: Migration = {
  version: 7,
  minimumReader: 5,
  async up({ schema }, { whole, bytes }) {
    await schema
      .createTable('traffic_tens')
      .addColumn('series', 'text', column => column.notNull())
      .addColumn('step', whole, column => column.notNull())
      .addColumn('body', bytes, column => column.notNull())
      .addPrimaryKeyConstraint('traffic_tens_key', ['series', 'step'])
      .execute()
    await schema.createIndex('traffic_tens_step').on('traffic_tens').column('step').execute()
  },
}

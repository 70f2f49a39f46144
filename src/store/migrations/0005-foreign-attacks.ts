// Attacks that foreign detectors report: events with what became of them, mitigations that are over, and documents.
//
// A source may send an event again once what was done about it is over, so its name is unique no longer. The version before
// cannot read attacks of such an origin: it would set them aside and never take back what is held for them.

import type { Migration } from '../migrate.ts'

const COLUMNS = ['number', 'id', 'source', 'external_id', 'at', 'body'] as const

export const migration0005: Migration = {
  version: 5,
  minimumReader: 5,
  async up(transaction, { whole, counting }) {
    const { schema } = transaction
    const rows = await transaction.selectFrom('events').select(COLUMNS).orderBy('number').execute()
    await schema.dropTable('events').execute()
    await schema
      .createTable('events')
      .addColumn('number', whole, counting)
      .addColumn('id', 'text', column => column.notNull().unique())
      .addColumn('source', 'text', column => column.notNull())
      .addColumn('external_id', 'text', column => column.notNull())
      .addColumn('at', whole, column => column.notNull())
      .addColumn('host', 'text', column => column.notNull())
      .addColumn('outcome', 'text', column => column.notNull())
      .addColumn('attack_id', 'text', column => column.notNull())
      .addColumn('body', 'text', column => column.notNull())
      .execute()
    await schema.createIndex('events_at').on('events').column('at').execute()
    await schema.createIndex('events_source').on('events').columns(['source', 'external_id']).execute()
    await schema.createIndex('events_host').on('events').columns(['host', 'number']).execute()
    for (const { number: _number, ...row } of rows) {
      const added = { ...row, host: '', outcome: '', attack_id: '' }
      await transaction.insertInto('events').values(added).execute()
    }
    await schema
      .createTable('past_mitigations')
      .addColumn('number', whole, counting)
      .addColumn('id', 'text', column => column.notNull().unique())
      .addColumn('attack_id', 'text', column => column.notNull())
      .addColumn('created_at', whole, column => column.notNull())
      .addColumn('at', whole, column => column.notNull())
      .addColumn('body', 'text', column => column.notNull())
      .execute()
    await schema.createIndex('past_mitigations_at').on('past_mitigations').column('at').execute()
    await schema.createIndex('past_mitigations_attack').on('past_mitigations').column('attack_id').execute()
    await schema
      .createIndex('past_mitigations_created')
      .on('past_mitigations')
      .columns(['created_at', 'id'])
      .execute()
    await schema.createIndex('past_attacks_opened').on('past_attacks').columns(['opened_at', 'id']).execute()
    await schema.createIndex('past_attacks_host').on('past_attacks').columns(['host', 'opened_at']).execute()
    await schema
      .createTable('documents')
      .addColumn('kind', 'text', column => column.notNull())
      .addColumn('id', 'text', column => column.notNull())
      .addColumn('body', 'text', column => column.notNull())
      .addPrimaryKeyConstraint('documents_name', ['kind', 'id'])
      .execute()
  },
}

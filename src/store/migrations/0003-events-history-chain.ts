// Events of foreign detectors, attacks that are over, and the audit as a chain of hashes. New tables only: the version
// before goes on with its own audit, and what it wrote there is taken into the chain afterwards.

import type { Migration } from '../migrate.ts'

export const migration0003: Migration = {
  version: 3,
  minimumReader: 1,
  async up({ schema }, { whole, counting }) {
    await schema
      .createTable('events')
      .addColumn('number', whole, counting)
      .addColumn('id', 'text', column => column.notNull().unique())
      .addColumn('source', 'text', column => column.notNull())
      .addColumn('external_id', 'text', column => column.notNull())
      .addColumn('at', whole, column => column.notNull())
      .addColumn('body', 'text', column => column.notNull())
      .addUniqueConstraint('events_of_source', ['source', 'external_id'])
      .execute()
    await schema.createIndex('events_at').on('events').column('at').execute()
    await schema
      .createTable('past_attacks')
      .addColumn('number', whole, counting)
      .addColumn('id', 'text', column => column.notNull().unique())
      .addColumn('host', 'text', column => column.notNull())
      .addColumn('opened_at', whole, column => column.notNull())
      .addColumn('at', whole, column => column.notNull())
      .addColumn('body', 'text', column => column.notNull())
      .execute()
    await schema.createIndex('past_attacks_at').on('past_attacks').column('at').execute()
    await schema
      .createTable('audit_chain')
      .addColumn('sequence', whole, column => column.primaryKey())
      .addColumn('at', whole, column => column.notNull())
      .addColumn('who', 'text', column => column.notNull())
      .addColumn('what', 'text', column => column.notNull())
      .addColumn('target', 'text', column => column.notNull())
      .addColumn('outcome', 'text', column => column.notNull())
      .addColumn('body', 'text', column => column.notNull())
      .addColumn('hash', 'text', column => column.notNull())
      .execute()
    await schema
      .createTable('marks')
      .addColumn('name', 'text', column => column.primaryKey())
      .addColumn('sequence', whole, column => column.notNull())
      .addColumn('hash', 'text', column => column.notNull())
      .addColumn('at', whole, column => column.notNull())
      .execute()
  },
}

// The first tables: attacks, mitigations, audit, what was learned, and rows that could not be read.

import type { Migration } from '../migrate.ts'

export const migration0001: Migration = {
  version: 1,
  minimumReader: 1,
  async up({ schema }, { whole, real, counting }) {
    await schema
      .createTable('attacks')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('state', 'text', column => column.notNull())
      .addColumn('host', 'text', column => column.notNull())
      .addColumn('opened_at', whole, column => column.notNull())
      .addColumn('boot', 'text', column => column.notNull())
      .addColumn('opened_uptime', real, column => column.notNull())
      .addColumn('body', 'text', column => column.notNull())
      .execute()
    await schema
      .createTable('mitigations')
      .addColumn('id', 'text', column => column.primaryKey())
      .addColumn('attack_id', 'text', column => column.notNull())
      .addColumn('state', 'text', column => column.notNull())
      .addColumn('enforcer', 'text', column => column.notNull())
      .addColumn('expires_at', whole, column => column.notNull())
      .addColumn('body', 'text', column => column.notNull())
      .execute()
    await schema
      .createTable('audit')
      .addColumn('number', whole, counting)
      .addColumn('at', whole, column => column.notNull())
      .addColumn('who', 'text', column => column.notNull())
      .addColumn('what', 'text', column => column.notNull())
      .addColumn('target', 'text', column => column.notNull())
      .addColumn('attack_id', 'text', column => column.notNull())
      .addColumn('mitigation_id', 'text')
      .addColumn('outcome', 'text', column => column.notNull())
      .addColumn('reason', 'text', column => column.notNull())
      .execute()
    await schema
      .createTable('learned')
      .addColumn('key', 'text', column => column.primaryKey())
      .addColumn('value', 'text', column => column.notNull())
      .execute()
    await schema
      .createTable('set_aside')
      .addColumn('number', whole, counting)
      .addColumn('at', whole, column => column.notNull())
      .addColumn('aggregate', 'text', column => column.notNull())
      .addColumn('id', 'text', column => column.notNull())
      .addColumn('body', 'text', column => column.notNull())
      .addColumn('problem', 'text', column => column.notNull())
      .execute()
  },
}

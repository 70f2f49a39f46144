// What the state must do between versions of the program, whichever back end it is in.

import assert from 'node:assert/strict'
import { sql } from 'kysely'
import { MIGRATIONS, type Migration } from './migrate.ts'
import { TooNewError } from './open-state.ts'
import { attack, attackIds, audit, type TestPlace } from './state-fixtures-for-tests.ts'
import { verifyAudit } from './verify-audit.ts'

const ADDING: Migration = {
  version: MIGRATIONS.length + 1,
  minimumReader: 1,
  async up({ schema }) {
    await schema.alterTable('attacks').addColumn('colour', 'text').execute()
    await schema.createTable('weather').addColumn('day', 'text').execute()
  },
}

export function testVersions(testPlace: TestPlace): void {
  testPlace(
    'the version before goes on with a state that the next one only added to, and back',
    async place => {
      const before = await place.open()
      await before.file.write([attack('old')])
      await before.file.close()

      const next = await place.open({ migrations: [...MIGRATIONS, ADDING] })
      await next.file.write([attack('new')])
      await next.file.close()
      const back = await place.open()
      assert.deepEqual(attackIds(back.kept), ['old', 'new'])
      await back.file.write([attack('back'), { kind: 'attack-gone', id: 'old' }])
      await back.file.close()

      const again = await place.open({ migrations: [...MIGRATIONS, ADDING] })
      assert.deepEqual(attackIds(again.kept), ['new', 'back'])
    },
  )

  testPlace('a state that only a later version can read is refused and left as it is', async place => {
    const changing = { ...ADDING, minimumReader: ADDING.version }
    const next = await place.open({ migrations: [...MIGRATIONS, changing] })
    await next.file.write([attack('a')])
    await next.file.close()

    await assert.rejects(place.open(), (error: unknown) => {
      assert.ok(error instanceof TooNewError)
      assert.match(error.message, new RegExp(`has schema ${ADDING.version}, .* newer Floodwarden`))
      return true
    })

    assert.deepEqual(attackIds((await place.open({ migrations: [...MIGRATIONS, changing] })).kept), ['a'])
  })
  testMigrations(testPlace)
}

function testMigrations(testPlace: TestPlace): void {
  testPlace('a migration that fails leaves the state as it was', async place => {
    const before = await place.open()
    await before.file.write([attack('a')])
    await before.file.close()
    const failing: Migration = {
      ...ADDING,
      async up(transaction, dialect) {
        await ADDING.up(transaction, dialect)
        throw new Error('the power went')
      },
    }

    await assert.rejects(place.open({ migrations: [...MIGRATIONS, failing] }), /the power went/)

    const after = await place.open({ migrations: [...MIGRATIONS, ADDING] })
    assert.deepEqual(attackIds(after.kept), ['a'])
  })

  testPlace('a state of schema 2 is brought to this one, and its audit goes into the chain', async place => {
    const old = await place.open({ migrations: MIGRATIONS })
    const insert = (at: number) => sql`insert into audit (at, who, what, target, attack_id, outcome, reason)
      values (${at}, 'uid:1', 'announce', '192.0.2.1', 'a', 'done', 'old')`
    // As the program of schema 2 writes it: before the upgrade, and again after a way back.
    for (const at of [1, 2]) await insert(at).execute(old.file.queries)
    await old.file.close()

    const first = await place.open()
    await first.file.write([audit(3)])
    await insert(4).execute(first.file.queries)
    await first.file.close()
    const { kept, file } = await place.open()

    assert.deepEqual(
      kept.audit.map(({ at }) => at),
      [1, 2, 3, 4],
    )
    const verdict = await verifyAudit(file.queries, undefined)
    assert.ok(verdict.kind === 'intact' && verdict.entries === 4)
  })
}

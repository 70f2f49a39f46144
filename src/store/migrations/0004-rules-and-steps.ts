// Mitigations that announce rules and diversions, and states of ladders and hold-downs. The tables are the same, but the
// version before cannot read such rows: it would set them aside and never take them back.

import type { Migration } from '../migrate.ts'

export const migration0004: Migration = {
  version: 4,
  minimumReader: 4,
  async up() {},
}

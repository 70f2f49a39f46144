// The back ends of protection, as they are configured.

import { join } from 'node:path'
import type { Protector } from '#6-policy/countermeasure.ts'
import type { ResolvedConfig } from '../config/config.ts'
import type { BackEnd } from './back-end.ts'
import { MitigatorBackEnd } from './mitigator-back-end.ts'
import { mitigatorSettingsOf } from './mitigator-config.ts'
import { NftablesBackEnd } from './nftables-back-end.ts'

export function makeBackEnd(name: Protector, config: () => ResolvedConfig, stateDirectory: string): BackEnd {
  switch (name) {
    case 'nftables':
      return new NftablesBackEnd(
        () => config().protection.nftables,
        () => config().policy.managementPrefixes,
      )
    case 'mitigator':
      return new MitigatorBackEnd(() =>
        mitigatorSettingsOf(config().protection.mitigator, join(stateDirectory, 'mitigator')),
      )
  }
}

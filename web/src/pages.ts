// Every page of the console: one row each. web/README.md says how to add one.

import type { Component } from 'svelte'
import type { RouteName } from './lib/api.ts'
import { hostPath } from './traffic/paths.ts'

export interface Page {
  /** Parts as `:name`; the page gets them as `parts`. */
  readonly path: string
  readonly title: string
  /** Where it stands in the navigation; missing: it is reached by links alone. */
  readonly group?: 'Watch' | 'Act' | 'Set up'
  /** Routes it cannot do without: whoever may not call all of them does not see the page. */
  readonly needs: readonly RouteName[]
  /** Two keys that lead to it, as `g o`. */
  readonly keys?: string
  /** For the palette: where a text that somebody typed leads, if it is something of this page. */
  readonly find?: (text: string) => { readonly title: string; readonly path: string } | undefined
  /** A component that takes `PageProps`, or less. */
  readonly load: () => Promise<{ readonly default: Component<never> }>
}

export interface PageProps {
  readonly parts: Readonly<Record<string, string>>
}

export const PAGES: readonly Page[] = [
  {
    ...{ path: '/', title: 'Overview', group: 'Watch', keys: 'g o', needs: [] },
    load: () => import('./pages/overview.svelte'),
  },
  {
    ...{ path: '/attacks', title: 'Attacks', group: 'Watch', keys: 'g a', needs: ['attacks'] },
    load: () => import('./pages/attacks.svelte'),
  },
  {
    ...{ path: '/attacks/:id', title: 'Attack', needs: ['attacks', 'attack', 'course'] },
    find: text =>
      isAttackId(text)
        ? { title: `The attack ${text}`, path: `/attacks/${encodeURIComponent(text)}` }
        : undefined,
    load: () => import('./pages/attack.svelte'),
  },
  {
    ...{ path: '/attacks/:id/report', title: 'Incident report', needs: ['course'] },
    load: () => import('./pages/attack-report.svelte'),
  },
  {
    ...{ path: '/hosts', title: 'Hosts and networks', group: 'Watch', keys: 'g h', needs: ['traffic'] },
    load: () => import('./pages/hosts.svelte'),
  },
  {
    ...{ path: '/hosts/:host', title: 'Host', needs: ['explain', 'attacks'] },
    find: text => (isAddressLike(text) ? { title: `The host ${text}`, path: hostPath(text) } : undefined),
    load: () => import('./pages/host.svelte'),
  },
  {
    ...{ path: '/traffic/:series', title: 'Traffic', needs: ['trafficHistory'] },
    load: () => import('./pages/series.svelte'),
  },
  {
    ...{ path: '/thresholds', title: 'Thresholds', group: 'Set up', keys: 'g t', needs: ['limits'] },
    load: () => import('./pages/thresholds.svelte'),
  },
  {
    ...{ path: '/mitigations', title: 'Mitigations', group: 'Act', keys: 'g m', needs: ['mitigations'] },
    load: () => import('./pages/mitigations.svelte'),
  },
  {
    ...{ path: '/rules', title: 'Rules', group: 'Act', keys: 'g r', needs: ['rules'] },
    load: () => import('./pages/rules.svelte'),
  },
  {
    ...{
      path: '/protection',
      title: 'Protection',
      group: 'Act',
      keys: 'g x',
      needs: ['protection', 'protectionIncidents'],
    },
    load: () => import('./pages/protection.svelte'),
  },
  {
    ...{ path: '/protection/:id', title: 'Protection profile', needs: ['protectionProfile'] },
    load: () => import('./pages/profile.svelte'),
  },
  {
    ...{ path: '/safelist', title: 'Safelist', group: 'Act', keys: 'g s', needs: ['safelist'] },
    load: () => import('./pages/safelist.svelte'),
  },
  {
    ...{ path: '/inventory', title: 'Inventory', group: 'Set up', keys: 'g i', needs: ['inventory'] },
    load: () => import('./pages/inventory.svelte'),
  },
  {
    ...{ path: '/playbooks', title: 'Playbooks', group: 'Set up', keys: 'g p', needs: ['playbooks'] },
    load: () => import('./pages/playbooks.svelte'),
  },
  {
    ...{ path: '/hostgroups', title: 'Hostgroups', group: 'Set up', keys: 'g b', needs: ['hostgroups'] },
    load: () => import('./pages/hostgroups.svelte'),
  },
  {
    ...{
      path: '/exporters',
      title: 'Exporters',
      group: 'Watch',
      keys: 'g e',
      needs: ['exporters', 'interfaces'],
    },
    load: () => import('./pages/exporters.svelte'),
  },
  {
    ...{ path: '/exporters/:address', title: 'Exporter', needs: ['exporters', 'interfaces'] },
    load: () => import('./pages/exporter.svelte'),
  },
  {
    ...{ path: '/audit', title: 'Audit', group: 'Act', keys: 'g u', needs: ['audit'] },
    load: () => import('./pages/audit.svelte'),
  },
  {
    ...{
      path: '/users',
      title: 'Users and tokens',
      group: 'Set up',
      keys: 'g w',
      needs: ['users', 'tokens'],
    },
    load: () => import('./pages/users.svelte'),
  },
  {
    ...{
      path: '/settings',
      title: 'Settings',
      group: 'Set up',
      keys: 'g c',
      needs: ['configuration', 'arming'],
    },
    load: () => import('./pages/settings.svelte'),
  },
  {
    ...{
      path: '/first-run',
      title: 'First run',
      group: 'Set up',
      needs: ['setupFacts', 'configure', 'simulate'],
    },
    load: () => import('./pages/first-run.svelte'),
  },
  {
    ...{ path: '/notifications', title: 'Notifications', group: 'Set up', keys: 'g n' },
    needs: ['notifications', 'deadLetters'],
    load: () => import('./pages/notifications.svelte'),
  },
  {
    ...{ path: '/news', title: 'News', group: 'Set up', needs: ['preferences', 'setPreferences'] },
    load: () => import('./pages/news.svelte'),
  },
  {
    ...{ path: '/daemon', title: 'Daemon', group: 'Set up', keys: 'g d', needs: ['status', 'health'] },
    load: () => import('./pages/daemon.svelte'),
  },
]

/** As the daemon makes them: when it opened, and a number. */
const isAttackId = (text: string): boolean => /^[0-9a-z]{6,12}-\d{1,12}$/.test(text)

/** The page itself says when it is none. The parser of addresses is not loaded with the overview for it. */
const isAddressLike = (text: string): boolean =>
  /^\d{1,3}(?:\.\d{1,3}){3}$/.test(text) || (/^[0-9a-f:.]{3,45}$/i.test(text) && text.includes(':'))

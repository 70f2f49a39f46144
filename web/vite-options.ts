// How Vite builds the console: one page, chunks with hashed names, and the table of the API's routes without their schemas.

import { svelte } from '@sveltejs/vite-plugin-svelte'
import type { InlineConfig } from 'vite'
import { NATIVE_RULES } from '#api/contract/access-table.ts'
import { ROUTES } from '#api/contract/routes.ts'

/** Of each route what a browser needs: method, path, role, reach. The schemas, and zod with them, stay outside. */
const routeTable = Object.fromEntries(
  Object.entries(ROUTES).map(([name, { method, path }]) => {
    const rule = NATIVE_RULES.find(each => each.method === method && each.path === path)
    if (rule === undefined) throw new Error(`${name} has no access rule`)
    return [name, [method, path, rule.role, rule.reach]]
  }),
)

/** A warning of the compilers ends the build: nobody reads them. */
const refuse = (warning: { readonly message: string; readonly filename?: string | undefined }): never => {
  throw new Error(`${warning.filename ?? 'console'}: ${warning.message}`)
}

const common = (web: string): InlineConfig => ({
  root: web,
  configFile: false,
  clearScreen: false,
  logLevel: 'warn',
  define: { __ROUTES__: JSON.stringify(routeTable) },
  plugins: [svelte({ configFile: false, onwarn: refuse })],
})

export const buildOptions = (web: string, folder: string): InlineConfig => ({
  ...common(web),
  build: {
    outDir: folder,
    emptyOutDir: true,
    target: 'es2023',
    modulePreload: { polyfill: false },
    // What is put into the page as data: would need a laxer content security policy.
    assetsInlineLimit: 0,
    reportCompressedSize: false,
    // How long parts of a build take is no fault of it: a slow machine builds, too.
    rolldownOptions: { onwarn: refuse, checks: { bundlerTimings: false } },
  },
})

/** For working on the console: served by Vite, with the API of a daemon behind it. */
export const developOptions = (web: string, daemon: string): InlineConfig => ({
  ...common(web),
  logLevel: 'info',
  server: { proxy: { '/api': { target: daemon, ws: true } } },
})

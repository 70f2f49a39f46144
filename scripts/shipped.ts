// What of the repository a release holds: what runs and what tells how, and nothing that only tests or builds it.

const FOLDERS = /^(?:src|bin|config|deploy|docs)\//
const FILES = /^(?:floodwarden|package\.json|LICENSE|README\.md|CHANGELOG\.md|ARCHITECTURE\.md)$/
const FOR_TESTS = /(?:\.test\.ts|-for-tests\.ts)$/

/** By the path from the root, with forward slashes; the built console and packages come besides. */
export const isShipped = (path: string): boolean =>
  (FILES.test(path) || FOLDERS.test(path)) && !FOR_TESTS.test(path)

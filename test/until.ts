// The one way in which a test waits for something it cannot await: by looking until it is so, never by guessing how
// long a machine takes.

import { until as untilAnswered } from '../lab/until.ts'

/** Settles as soon as it is so; throws with these words when it never comes to that. Far beyond what the slowest machine needs. */
export const until = (
  isSo: () => boolean | Promise<boolean>,
  what = `that ${String(isSo)}`,
  seconds?: number,
): Promise<void> => untilAnswered(async () => (await isSo()) || `waited in vain for ${what}`, seconds)

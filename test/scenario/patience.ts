/** How long a replay may take. It takes two seconds; machines were seen on which it took thirty times that, for minutes. */
export const REPLAY_PATIENCE_MS = 300_000

// Exit codes scripts rely on: 0 done, 1 the answer is no, 2 usage, 3 not reached, 4 not found.
import type { Fault } from '#shared/result.ts';

export const EXIT_NO = 1;
/** EX_SOFTWARE: never an answer. */
export const EXIT_BUG = 70;

const USAGE = new Set(['USAGE', 'PARAMS', 'PASSPHRASE_SOURCE', 'CONFIRM']);
const UNREACHED =
  /^(CORE_|BROKER_|CONNECT_|SUBSCRIBE_REFUSED$|PUBLISH_TIMEOUT$|AGENT_OFFLINE$|OFFLINE$|NO_ANSWER$|CLOSED$)/;
const NOT_FOUND =
  /(^NOT_FOUND$|_NOT_FOUND$|^HOME_MISSING$|^KEY_FILE_MISSING$|^(AGENT|PROPOSAL|SCHEDULE|RUN|STREAM)_UNKNOWN$)/;

/** What a fault means to a script. */
export function exitOfFault(fault: Fault): number {
  if (USAGE.has(fault.code)) return 2;
  if (UNREACHED.test(fault.code)) return 3;
  return NOT_FOUND.test(fault.code) ? 4 : EXIT_NO;
}

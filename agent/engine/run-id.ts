// Identity of runs: derived, never random, so that the same occurrence has the same run on every telling (E1).
import { formatInstant } from '#shared/ids.ts';
import type { HashText } from '#shared/time/splay.ts';
import { toHex } from '#shared/trust/crypto.ts';

const ID_DIGITS = 32;

/** The run of an occurrence: first 32 hex digits of SHA-256(`agent|schedule|nominal instant`). */
export const occurrenceRunId = (
  agent: string,
  schedule: string,
  nominalAt: number,
  sha256: HashText,
): string => derive(`${agent}|${schedule}|${formatInstant(nominalAt)}`, sha256);

/** The run a command asks for: SHA-256(`agent|schedule|command:<nonce>`). */
export const commandRunId = (
  agent: string,
  schedule: string,
  nonce: string,
  sha256: HashText,
): string => derive(`${agent}|${schedule}|command:${nonce}`, sha256);

const derive = (text: string, sha256: HashText): string => toHex(sha256(text)).slice(0, ID_DIGITS);

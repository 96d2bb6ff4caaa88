// Join tokens: the text a new machine is given, and the secret kept here to check its proof.
import { randomBytes } from 'node:crypto';
import type { JoinTokenCreated } from '#console/views.ts';
import { formatInstant } from '#shared/ids.ts';
import { ok, type Result } from '#shared/result.ts';
import { encodeJoinToken } from '#shared/trust/enrolment.ts';
import type { CredentialDesk, FleetFile } from './home.ts';
import type { ConsoleStore } from './ports.ts';

const MINUTE_MS = 60_000;
/** A machine that comes late is told that its token expired, not that it is unknown. */
const KEPT_MS = 86_400_000;

export interface TokenRequest {
  readonly minutes: number;
  readonly uses: number;
  readonly labels: Readonly<Record<string, string>>;
  readonly brokerUrl?: string | undefined;
}

/** Makes and stores a token; over the embedded broker it also gets a user of its own there. Fault: TLS_INVALID. */
export function createToken(
  store: ConsoleStore,
  fleet: FleetFile,
  desk: CredentialDesk,
  { minutes, uses, labels, brokerUrl }: TokenRequest,
  nowAt: number,
): Result<JoinTokenCreated> {
  const reach = desk.reach(fleet.brokerUrl, brokerUrl);
  if (!reach.ok) return reach;
  const token = `t${randomBytes(6).toString('hex')}`;
  const secret = randomBytes(32).toString('base64url');
  const expiresAt = nowAt + minutes * MINUTE_MS;
  const username = `enrol_${token}`;
  const password = desk.add(username, 'enrol');
  store.tokens.add({ token, secret, expiresAt, usesLeft: uses, labels }, nowAt);
  const text = encodeJoinToken({
    fleet: fleet.fleet,
    rootFingerprint: fleet.rootFingerprint,
    broker: {
      ...reach.value,
      ...(password === null ? {} : { username, password }),
    },
    token,
    secret,
    expires: formatInstant(expiresAt),
    labels: { ...labels },
  });
  return ok({ text, token, expires: formatInstant(expiresAt) });
}

/** Tokens long expired lose their way into the broker and are forgotten. */
export function sweepTokens(store: ConsoleStore, desk: CredentialDesk, nowAt: number): void {
  for (const token of store.tokens.expired(nowAt - KEPT_MS)) {
    desk.remove(`enrol_${token}`);
    store.tokens.forget(token);
  }
}

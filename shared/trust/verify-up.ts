// What a console asks of what a machine says about itself: signed by that machine's own key, and by no other (TR56, TR62).
import { err, ok, type Result } from '#shared/result.ts';
import { decodeBase64 } from './base64.ts';
import { headBytes } from './chain.ts';
import { keyIdOf, type TrustCrypto, toHex } from './crypto.ts';
import { publicKeyFault } from './curve.ts';
import type { DeviceDocument } from './documents.ts';
import {
  type AnyOpened,
  checkSignatures,
  type KeyOf,
  type Opened,
  openEnvelope,
  parsePayload,
  readEnvelope,
} from './envelope.ts';

type DeviceSigned = 'hello' | 'status' | 'report' | 'tail';

/** Faults: those of openEnvelope, DEVICE_KEY (another machine's key, or it speaks for another), DEVICE_REVOKED, FLEET. */
function openFrom<K extends DeviceSigned>(
  kind: K,
  bytes: Uint8Array,
  device: DeviceDocument,
  crypto: TrustCrypto,
): Result<AnyOpened<K>> {
  const ids = { agent: device.agent };
  const keyOf = onlyKey(device.signKey, crypto);
  const opened = openEnvelope(bytes, { expectKinds: [kind], keyOf, crypto });
  if (!opened.ok) {
    if (opened.fault.code !== 'KEY_UNKNOWN') return opened;
    return err('DEVICE_KEY', `not signed by the key of ${device.agent}`, { ids });
  }
  if (device.revoked) return err('DEVICE_REVOKED', `${device.agent} is revoked`, { ids });
  const { fleet, agent } = opened.value.payload;
  if (fleet !== device.fleet) return err('FLEET', `it speaks of the fleet ${fleet}`, { ids });
  if (agent !== device.agent) return err('DEVICE_KEY', `it speaks for ${agent}`, { ids });
  return opened;
}

const onlyKey = (publicBase64: string, crypto: TrustCrypto): KeyOf => {
  const raw = decodeBase64(publicBase64);
  const own = raw && keyIdOf(raw, crypto.sha256);
  return (keyId) => (keyId === own ? raw : undefined);
};

/** Opens a hello with the device document in force. */
export const verifyHello = (
  bytes: Uint8Array,
  device: DeviceDocument,
  crypto: TrustCrypto,
): Result<Opened<'hello'>> => openFrom('hello', bytes, device, crypto);

/** Opens a status with the device document in force. */
export const verifyStatus = (
  bytes: Uint8Array,
  device: DeviceDocument,
  crypto: TrustCrypto,
): Result<Opened<'status'>> => openFrom('status', bytes, device, crypto);

/** Opens a tail of output with the device document in force. */
export const verifyTail = (
  bytes: Uint8Array,
  device: DeviceDocument,
  crypto: TrustCrypto,
): Result<Opened<'tail'>> => openFrom('tail', bytes, device, crypto);

/** Opens a report and checks that its head can be given back as a receipt; verifyReportChain joins it to what is stored. */
export function verifyReport(
  bytes: Uint8Array,
  device: DeviceDocument,
  crypto: TrustCrypto,
): Result<Opened<'report'>> {
  const opened = openFrom('report', bytes, device, crypto);
  if (!opened.ok) return opened;
  const { fleet, agent, head } = opened.value.payload;
  const key = decodeBase64(device.signKey);
  const sig = decodeBase64(head.sig);
  if (key && sig && crypto.verify(key, headBytes({ fleet, agent, ...head }), sig)) return opened;
  return err('SIG_INVALID', 'the head of the report is not signed by the machine', {
    ids: { agent, docId: opened.value.docId },
  });
}

/**
 * Opens a request to enrol: signed by the very key it presents, which is looked at first. It gives nothing but that the
 * sender holds the key; checkEnrol asks for the join token. Faults: as openEnvelope, KEY_WEAK, KEY_NONCANONICAL, KEY_POP, DEVICE_KEY.
 */
export function openEnrol(bytes: Uint8Array, crypto: TrustCrypto): Result<Opened<'enrol'>> {
  const read = readEnvelope(bytes, { expectKinds: ['enrol'] });
  if (!read.ok) return read;
  const parsed = parsePayload(read.value);
  if (!parsed.ok) return parsed;
  const { signKey, agent } = parsed.value;
  const raw = decodeBase64(signKey);
  const weakness = raw ? publicKeyFault(raw) : 'KEY_NONCANONICAL';
  if (weakness) return err(weakness, 'the key it presents is no key to trust', { ids: { agent } });
  const signers = checkSignatures(read.value, onlyKey(signKey, crypto), crypto);
  if (!signers.ok) {
    if (signers.fault.code !== 'KEY_UNKNOWN') return signers;
    return err('DEVICE_KEY', 'not signed by the key it presents', { ids: { agent } });
  }
  return ok({
    kind: 'enrol',
    docId: toHex(crypto.sha256(read.value.signedBytes)),
    payload: parsed.value,
    payloadBytes: read.value.payloadBytes,
    signers: signers.value,
  });
}

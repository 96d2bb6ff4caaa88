// Watches the MQTT frames of a byte stream and tells when one announces more than a limit, before its body is buffered.

/** Largest whole packet either side takes: the largest message, its topic, and room for the head. */
export const MAX_PACKET_BYTES = 64 * 1_024;

/**
 * Returns a function to feed every chunk to, in order. It answers false once a packet's announced length is above
 * `limitBytes` or is not a valid length; the caller then destroys the connection.
 */
export function packetLimit(limitBytes: number): (chunk: Uint8Array) => boolean {
  let skip = 0;
  let inLength = false;
  let length = 0;
  let shift = 0;
  return (chunk) => {
    let at = 0;
    while (at < chunk.length) {
      if (skip > 0) {
        const step = Math.min(skip, chunk.length - at);
        skip -= step;
        at += step;
        continue;
      }
      const byte = chunk[at++] as number;
      if (!inLength) {
        inLength = true;
        length = 0;
        shift = 0;
        continue;
      }
      length += (byte & 0x7f) * 2 ** shift;
      shift += 7;
      if (length > limitBytes) return false;
      if (byte & 0x80) {
        if (shift > 21) return false;
        continue;
      }
      inLength = false;
      skip = length;
    }
    return true;
  };
}

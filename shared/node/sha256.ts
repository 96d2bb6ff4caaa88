// SHA-256 by node:crypto: the port that pure rooms are handed.
import { hash } from 'node:crypto';

export const sha256 = (data: string | Uint8Array): Uint8Array =>
  new Uint8Array(hash('sha256', data, 'buffer'));

export const sha256Hex = (data: string | Uint8Array): string => hash('sha256', data, 'hex');

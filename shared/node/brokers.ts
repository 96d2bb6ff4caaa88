// The one list of brokers: a URL's scheme chooses the adapter.
import type { Broker } from '#shared/protocol/broker.ts';
import { memoryBroker } from './brokers/memory.ts';
import { mqttBroker } from './brokers/mqtt.ts';

export interface OpenBrokerOptions {
  /** PEM of the authority behind the broker's certificate. */
  readonly ca?: string;
  readonly username?: string;
  readonly password?: string;
}

/** `memory://name` (this process only), else MQTT: mqtt, mqtts, ws, wss. Opens nothing before connect. */
export function openBroker(url: string, options: OpenBrokerOptions = {}): Broker {
  const memory = /^memory:\/\/([a-z0-9_-]+)$/.exec(url);
  return memory ? memoryBroker(memory[1] as string).broker : mqttBroker({ url, ...options });
}

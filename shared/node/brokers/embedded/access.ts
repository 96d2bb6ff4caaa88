// Who may publish and subscribe what on the embedded broker. Pure; the clauses are P31 to P36 of protocol/SPEC.md.
import { filterCovers, filterMatches, isFilter, isTopic } from '#shared/protocol/filters.ts';

export type BrokerRole = 'agent' | 'enrol' | 'console';

export interface BrokerIdentity {
  /** Agent id, `enrol_<token>`, or a console's name. */
  readonly username: string;
  readonly role: BrokerRole;
}

interface Rules {
  readonly publish: readonly string[];
  /** Topics that may also be retained: what one stolen password can store is bounded. */
  readonly retain: readonly string[];
  readonly subscribe: readonly string[];
}

export const ENROL_PREFIX = 'enrol_';

/** `fleet` undefined: any fleet, for a broker started before its fleet is named. */
export function mayPublish(
  identity: BrokerIdentity,
  fleet: string | undefined,
  topic: string,
  retain: boolean,
): boolean {
  const rules = rulesOf(identity, fleet);
  const allowed = retain ? rules.retain : rules.publish;
  return isTopic(topic) && allowed.some((pattern) => filterMatches(pattern, topic));
}

/** True when everything the filter can match is inside what this identity may read. */
export function maySubscribe(
  identity: BrokerIdentity,
  fleet: string | undefined,
  filter: string,
): boolean {
  const { subscribe } = rulesOf(identity, fleet);
  return isFilter(filter) && subscribe.some((pattern) => filterCovers(pattern, filter));
}

function rulesOf({ username, role }: BrokerIdentity, fleet: string | undefined): Rules {
  const root = `muster1/${fleet ?? '+'}`;
  switch (role) {
    case 'console': {
      const all = [fleet === undefined ? 'muster1/#' : `${root}/#`];
      return { publish: all, retain: all, subscribe: all };
    }
    case 'agent': {
      const own = `${root}/a/${username}`;
      return {
        publish: [`${own}/up/#`],
        retain: [`${own}/up/state`, `${own}/up/rep`],
        subscribe: [`${own}/down/#`, `${root}/trust/+`, `${root}/all/hello`, `${root}/c/+/state`],
      };
    }
    case 'enrol': {
      const own = `${root}/enrol/${username.slice(ENROL_PREFIX.length)}`;
      return { publish: [`${own}/req`], retain: [], subscribe: [`${own}/res`, `${root}/trust/+`] };
    }
  }
}

// All topics of a fleet, below `muster1/<fleet>/`. At most 7 slashes; ids have no dot.
import type { PayloadKind } from '#shared/trust/documents.ts';

export type DocumentKind = Extract<PayloadKind, 'device' | 'schedule'>;

export interface Topics {
  /** Retained, one per trust version. */
  readonly trust: (version: number) => string;
  readonly document: (agent: string, kind: DocumentKind, name: string) => string;
  readonly documents: (agent: string) => string;
  readonly command: (agent: string) => string;
  readonly ack: (agent: string, collector: string) => string;
  /** Retained birth and will. */
  readonly state: (agent: string) => string;
  /** Retained report of applied and refused documents. */
  readonly status: (agent: string) => string;
  readonly events: (agent: string) => string;
  /** Asks, without any authority, for the output of a run that goes on. */
  readonly watch: (agent: string) => string;
  readonly tail: (agent: string) => string;
  readonly fill: (agent: string, collector: string) => string;
  /** Retained: the collector's presence and the canary that shows a wiped broker. */
  readonly collector: (collector: string) => string;
  /** Consoles ask everyone for state; answers are jittered. */
  readonly hello: () => string;
  readonly enrolRequest: (token: string) => string;
  readonly enrolResponse: (token: string) => string;
}

export function topicsOf(fleet: string): Topics {
  const root = `muster1/${fleet}`;
  return {
    trust: (version) => `${root}/trust/${version}`,
    document: (agent, kind, name) => `${root}/a/${agent}/down/doc/${kind}/${name}`,
    documents: (agent) => `${root}/a/${agent}/down/doc/#`,
    command: (agent) => `${root}/a/${agent}/down/cmd`,
    ack: (agent, collector) => `${root}/a/${agent}/down/ack/${collector}`,
    state: (agent) => `${root}/a/${agent}/up/state`,
    status: (agent) => `${root}/a/${agent}/up/rep`,
    events: (agent) => `${root}/a/${agent}/up/ev`,
    watch: (agent) => `${root}/a/${agent}/down/watch`,
    tail: (agent) => `${root}/a/${agent}/up/tail`,
    fill: (agent, collector) => `${root}/a/${agent}/up/fill/${collector}`,
    collector: (collector) => `${root}/c/${collector}/state`,
    hello: () => `${root}/all/hello`,
    enrolRequest: (token) => `${root}/enrol/${token}/req`,
    enrolResponse: (token) => `${root}/enrol/${token}/res`,
  };
}

/** The agent and the rest of an `a/<agent>/up/…` topic, or undefined for any other topic. */
export function parseUpTopic(
  fleet: string,
  topic: string,
): { readonly agent: string; readonly leaf: string } | undefined {
  const match = /^muster1\/([^/]+)\/a\/([^/]+)\/up\/(.+)$/.exec(topic);
  if (!match || match[1] !== fleet) return undefined;
  return { agent: match[2] as string, leaf: match[3] as string };
}

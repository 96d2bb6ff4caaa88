// What the machine says of itself, its log as this console holds it, its own policy, and alarms.
import { ShieldCheck } from 'lucide-react';
import type { ReactNode } from 'react';
import { useState } from 'react';
import { ApiFault, ask, useTransport } from '#console/renderer/transport/use-api.ts';
import { Button } from '#console/renderer/ui/button.tsx';
import { LabelChips } from '#console/renderer/ui/label-chips.tsx';
import { FaultLine } from '#console/renderer/ui/states.tsx';
import { StatusMark } from '#console/renderer/ui/status-mark.tsx';
import { Time } from '#console/renderer/ui/time.tsx';
import type { AgentDetail } from '#console/views.ts';
import type { Fault } from '#shared/result.ts';

const OWNERS = {
  root: 'owned by root: the agent cannot change it',
  self: 'owned by the agent itself',
  missing: 'none: the machine vetoes nothing',
} as const;

export function FactsPanel({ machine }: { readonly machine: AgentDetail }) {
  const { facts, log, policy } = machine;
  return (
    <aside className="machine-facts" aria-label="About this machine">
      {machine.alarms.length > 0 && (
        <Block title="Alarms">
          {machine.alarms.map((alarm) => (
            <p key={`${alarm.code} ${alarm.at}`} className="alarm">
              <StatusMark status="failed">
                <span className="mono">{alarm.code}</span>
              </StatusMark>
              <span className="soft">{alarm.detail}</span>
              <span className="muted">
                <Time at={alarm.at} />
              </span>
            </p>
          ))}
        </Block>
      )}
      <Block title="Labels">
        <LabelChips labels={machine.labels} />
      </Block>
      <Block title="Reports">
        <Fact name="last report">
          <Time at={machine.lastReportAt} />
        </Fact>
        <Fact name="known up to">
          <Time at={machine.cursor} as="clock" />
        </Fact>
        <Fact name="next run">
          <Time at={machine.next?.at ?? null} />
        </Fact>
      </Block>
      <Block title="Machine">
        <Fact name="host">{facts?.hostname}</Fact>
        <Fact name="system">{facts && `${facts.platform} ${facts.arch}`}</Fact>
        <Fact name="agent">{facts?.version}</Fact>
        <Fact name="zone">{facts?.zone}</Fact>
        <Fact name="tz data">{facts?.tzdata}</Fact>
        <Fact name="clock">
          <StatusMark status={machine.clock} />
        </Fact>
        <Fact name="can">
          <span className="fact-list">{machine.capabilities.join(', ')}</span>
        </Fact>
      </Block>
      <Block title="Log">
        <Fact name="entries">{log?.seq.toLocaleString('en')}</Fact>
        <Fact name="incarnation">{log?.incarnation}</Fact>
        <Fact name="head">
          {log && (
            <span className="mono" title={log.hash}>
              {log.hash.slice(0, 16)}…
            </span>
          )}
        </Fact>
        <VerifyLog agent={machine.agent} />
      </Block>
      <Block title="Local policy">
        <p className="soft">{policy ? OWNERS[policy.owner] : 'not reported yet'}</p>
        {policy && policy.owner !== 'missing' && (
          <Fact name="digest">
            <span className="mono" title={policy.digest}>
              {policy.digest.slice(0, 16)}…
            </span>
          </Fact>
        )}
      </Block>
    </aside>
  );
}

type Verified = { readonly words: string; readonly status: string };

/** Reads the whole log again and checks every hash and signature, in the core. */
function VerifyLog({ agent }: { readonly agent: string }) {
  const transport = useTransport();
  const [busy, setBusy] = useState(false);
  const [result, setResult] = useState<Verified>();
  const [fault, setFault] = useState<Fault>();
  const run = async (): Promise<void> => {
    setBusy(true);
    setFault(undefined);
    try {
      const { entries, breaks } = await ask(transport, 'verify', { agent });
      const broken = breaks[0];
      setResult(
        broken
          ? { words: `broken at entry ${broken.seq}: ${broken.detail}`, status: 'broken' }
          : { words: `${entries.toLocaleString('en')} entries, chain whole`, status: 'ok' },
      );
    } catch (error) {
      setFault(error instanceof ApiFault ? error.fault : { code: 'BUG', message: String(error) });
    } finally {
      setBusy(false);
    }
  };
  return (
    <>
      <p className="fact-action">
        {result && <StatusMark status={result.status}>{result.words}</StatusMark>}
        <Button icon={ShieldCheck} busy={busy} onClick={() => void run()}>
          Verify
        </Button>
      </p>
      {fault && <FaultLine fault={fault} />}
    </>
  );
}

function Block({ title, children }: { readonly title: string; readonly children: ReactNode }) {
  return (
    <section className="fact-block">
      <h3>{title}</h3>
      {children}
    </section>
  );
}

function Fact({ name, children }: { readonly name: string; readonly children: ReactNode }) {
  const empty = children === null || children === undefined || children === '';
  return (
    <p className="machine-fact">
      <span className="muted">{name}</span>
      <span className="fact-value truncate">
        {empty ? <span className="muted">–</span> : children}
      </span>
    </p>
  );
}

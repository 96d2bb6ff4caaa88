// Machine: one machine, whole; what it is, what it runs, what it said, and what it refused.
import { Pause, Play } from 'lucide-react';
import { useState } from 'react';
import { Link, useParams } from 'react-router';
import { ProposeCommand } from '#console/renderer/proposals/propose-command.tsx';
import { useCommands } from '#console/renderer/shell/commands.ts';
import { useApi } from '#console/renderer/transport/use-api.ts';
import { Button } from '#console/renderer/ui/button.tsx';
import { EmptyState, ErrorState, FaultLine, SkeletonRows } from '#console/renderer/ui/states.tsx';
import { StatusMark } from '#console/renderer/ui/status-mark.tsx';
import { Tabs } from '#console/renderer/ui/tabs.tsx';
import { useUrlState } from '#console/renderer/ui/use-url-state.ts';
import type { AgentDetail } from '#console/views.ts';
import { Documents } from './documents.tsx';
import { FactsPanel } from './facts.tsx';
import { LedgerTab } from './ledger.tsx';
import './machine.css';
import { MachineRuns } from './machine-runs.tsx';
import { MachineSchedules } from './machine-schedules.tsx';
import { TimelineSection } from './timeline-section.tsx';

const TABS = ['overview', 'ledger', 'documents'] as const;
type TabName = (typeof TABS)[number];
/** What a pause or resume is about; null: the whole machine. */
export interface Pausing {
  readonly verb: 'pause' | 'resume';
  readonly schedule: string | null;
}

export function MachineScreen() {
  const { agent = '' } = useParams();
  const url = useUrlState();
  const machine = useApi('agents.show', { agent }, { keep: false });
  const [pausing, setPausing] = useState<Pausing>();
  const tab: TabName = TABS.find((it) => it === url.get('tab')) ?? 'overview';
  const data = machine.data;
  const whole: Pausing = {
    verb: data?.paused.includes('*') ? 'resume' : 'pause',
    schedule: null,
  };
  useCommands([
    {
      id: 'machine-pause',
      title: `${whole.verb === 'pause' ? 'Pause' : 'Resume'} ${agent}`,
      group: 'Machine',
      keys: 'p',
      icon: whole.verb === 'pause' ? Pause : Play,
      run: () => setPausing(whole),
    },
  ]);
  if (!data) {
    if (machine.error?.fault.code.startsWith('AGENT')) return <UnknownMachine agent={agent} />;
    if (machine.error)
      return <ErrorState fault={machine.error.fault} onRetry={() => void machine.refetch()} />;
    return <SkeletonRows rows={14} />;
  }
  return (
    <section className="screen">
      <MachineHead machine={data} whole={whole} onPause={setPausing} />
      {machine.error && <FaultLine fault={machine.error.fault} />}
      <Tabs
        label={`Views of ${agent}`}
        value={tab}
        onChange={(next) => url.set({ tab: next === 'overview' ? '' : next })}
        tabs={[
          {
            value: 'overview',
            label: 'Overview',
            content: (
              <div className="machine-body">
                <div className="machine-main">
                  <TimelineSection agent={agent} />
                  <MachineSchedules machine={data} onPause={setPausing} />
                  <MachineRuns agent={agent} />
                </div>
                <FactsPanel machine={data} />
              </div>
            ),
          },
          { value: 'ledger', label: 'Ledger', content: <LedgerTab agent={agent} /> },
          {
            value: 'documents',
            label: 'Documents',
            count: data.documents.length + data.refused.length,
            content: <Documents machine={data} />,
          },
        ]}
      />
      {pausing && (
        <PauseDialog agent={agent} pausing={pausing} onClose={() => setPausing(undefined)} />
      )}
    </section>
  );
}

interface MachineHeadProps {
  readonly machine: AgentDetail;
  readonly whole: Pausing;
  readonly onPause: (pausing: Pausing) => void;
}

function MachineHead({ machine, whole, onPause }: MachineHeadProps) {
  return (
    <header className="screen-head">
      <h1>
        <Link to="/fleet" className="crumb">
          Fleet
        </Link>
        <span className="muted">/</span>
        {machine.agent}
      </h1>
      <span className="machine-marks">
        <StatusMark status={machine.presence} />
        <StatusMark status={machine.coverage}>schedule {machine.coverage}</StatusMark>
        <StatusMark status={machine.clock}>
          clock {machine.clock === 'untrusted' ? 'not trusted' : machine.clock}
        </StatusMark>
        {machine.running > 0 && <StatusMark status="running">{machine.running} running</StatusMark>}
        {machine.paused.length > 0 && <StatusMark status="paused" />}
        {machine.revoked && <StatusMark status="revoked" />}
      </span>
      <span className="spacer" />
      <Button icon={whole.verb === 'pause' ? Pause : Play} onClick={() => onPause(whole)}>
        {whole.verb === 'pause' ? 'Pause machine' : 'Resume machine'}
      </Button>
    </header>
  );
}

interface PauseDialogProps {
  readonly agent: string;
  readonly pausing: Pausing;
  readonly onClose: () => void;
}

function PauseDialog({ agent, pausing, onClose }: PauseDialogProps) {
  const { verb, schedule } = pausing;
  const what = schedule ?? 'every schedule';
  return (
    <ProposeCommand
      open
      onClose={onClose}
      agent={agent}
      command={{ verb, schedule }}
      title={`${verb === 'pause' ? 'Pause' : 'Resume'} ${what} on ${agent}?`}
    >
      {verb === 'pause'
        ? 'Running jobs go on. Occurrences that fall into the pause are recorded as skipped, with the pause as their reason.'
        : 'Occurrences from then on run as planned. What fell into the pause stays skipped.'}
    </ProposeCommand>
  );
}

function UnknownMachine({ agent }: { readonly agent: string }) {
  return (
    <EmptyState
      title={`No machine is called ${agent}`}
      actions={<Link to="/fleet">All machines</Link>}
    >
      It may have another name, or belong to another fleet: the bar above says which one this is.
    </EmptyState>
  );
}

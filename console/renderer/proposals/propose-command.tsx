// A live command as a proposal: said in words first, then signed where keys are (here in Electron, else by the CLI).
import { PenLine } from 'lucide-react';
import { type ReactNode, useState } from 'react';
import type { Params } from '#console/api.ts';
import { shellBridge } from '#console/renderer/transport/host.ts';
import { useApi, useApiAction } from '#console/renderer/transport/use-api.ts';
import { Button } from '#console/renderer/ui/button.tsx';
import { CopyLine } from '#console/renderer/ui/copy-line.tsx';
import { Dialog } from '#console/renderer/ui/dialog.tsx';
import { Field } from '#console/renderer/ui/field.tsx';
import { FaultLine } from '#console/renderer/ui/states.tsx';
import { StatusMark } from '#console/renderer/ui/status-mark.tsx';
import type { Fault } from '#shared/result.ts';

export type LiveCommand = Params<'command.prepare'>['command'];

export interface ProposeCommandProps {
  readonly open: boolean;
  readonly onClose: () => void;
  readonly agent: string;
  readonly command: LiveCommand;
  /** What will happen, as a question: `Pause every schedule on shop-1?` */
  readonly title: string;
  /** What it means for the machine and its ledger. */
  readonly children: ReactNode;
}

export function ProposeCommand(props: ProposeCommandProps) {
  const { open, onClose, agent, command, title, children } = props;
  const [note, setNote] = useState('');
  const create = useApiAction('proposals.create');
  const proposal = create.data?.proposal;
  const close = (): void => {
    onClose();
    create.reset();
    setNote('');
  };
  const propose = (): void => {
    create.mutate({
      command: { agent, command },
      ...(note.trim() === '' ? {} : { note: note.trim() }),
    });
  };
  return (
    <Dialog
      open={open}
      onClose={close}
      title={title}
      actions={
        proposal ? (
          <Button onClick={close}>Done</Button>
        ) : (
          <>
            <Button kind="quiet" onClick={close}>
              Cancel
            </Button>
            <Button kind="primary" busy={create.isPending} onClick={propose}>
              Propose
            </Button>
          </>
        )
      }
    >
      {proposal ? (
        <SignProposal proposal={proposal} />
      ) : (
        <>
          <div className="soft">{children}</div>
          <Field
            label="Note"
            help="For whoever signs and for the record. Optional."
            value={note}
            maxLength={500}
            onChange={(event) => setNote(event.target.value)}
          />
        </>
      )}
      {create.error && <FaultLine fault={create.error.fault} />}
    </Dialog>
  );
}

/** How a stored proposal gets its signature, and whether it has it by now. */
export function SignProposal({ proposal }: { readonly proposal: string }) {
  const detail = useApi('proposals.show', { proposal }, { everyMs: 2_000 });
  const bridge = shellBridge();
  const state = detail.data?.state ?? 'open';
  if (state === 'published') {
    return (
      <p>
        <StatusMark status="applied">{proposal} is signed and sent to the machine</StatusMark>
      </p>
    );
  }
  if (state !== 'open') {
    return (
      <p>
        <StatusMark status="cancelled">
          {proposal} is {state === 'outdated' ? 'outdated: propose it again' : state}
        </StatusMark>
      </p>
    );
  }
  return (
    <>
      <p>
        <strong>{proposal}</strong> is stored. Nothing happens until a person signs it.
      </p>
      {detail.data && (
        <ul className="proposal-lines">
          {detail.data.documents
            .flatMap((document) => document.summary)
            .slice(0, 12)
            .map((line) => (
              <li key={line} className="mono">
                {line}
              </li>
            ))}
        </ul>
      )}
      {bridge ? (
        <SignHere proposal={proposal} sign={bridge.sign} />
      ) : (
        <>
          <p className="soft">
            A browser has no keys. Sign on the machine that keeps yours; this dialog follows:
          </p>
          <CopyLine text={detail.data?.command ?? `muster sign ${proposal}`} />
        </>
      )}
      <p className="muted" role="status">
        {detail.data
          ? `Signed by ${detail.data.signedBy.length} of ${detail.data.personsNeeded}`
          : 'Waiting for a signature'}
      </p>
      {detail.error && <FaultLine fault={detail.error.fault} />}
    </>
  );
}

interface SignHereProps {
  readonly proposal: string;
  readonly sign: (
    proposal: string,
  ) => Promise<{ readonly signed: boolean; readonly message: string }>;
}

function SignHere({ proposal, sign }: SignHereProps) {
  const [busy, setBusy] = useState(false);
  const [fault, setFault] = useState<Fault>();
  const run = async (): Promise<void> => {
    setBusy(true);
    const answer = await sign(proposal);
    setBusy(false);
    setFault(answer.signed ? undefined : { code: 'NOT_SIGNED', message: answer.message });
  };
  return (
    <>
      <p className="soft">
        Signing opens a window of its own that shows what the bytes say, and asks for your
        passphrase.
      </p>
      <div>
        <Button kind="primary" icon={PenLine} busy={busy} onClick={() => void run()}>
          Sign {proposal}
        </Button>
      </div>
      {fault && <FaultLine fault={fault} />}
    </>
  );
}

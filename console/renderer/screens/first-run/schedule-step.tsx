// The first schedule: a real example, proposed as it is or edited first.
import { Pencil, Send } from 'lucide-react';
import { useNavigate } from 'react-router';
import { NEW, saveDraft } from '#console/renderer/screens/change/drafts.ts';
import { editPath } from '#console/renderer/screens/schedules/paths.ts';
import { useApiAction } from '#console/renderer/transport/use-api.ts';
import { Button } from '#console/renderer/ui/button.tsx';
import { FaultLine } from '#console/renderer/ui/states.tsx';
import { EXAMPLES, type Example } from './examples.ts';

export interface ScheduleStepProps {
  readonly example: Example;
  readonly proposed: boolean;
  readonly canPropose: boolean;
  readonly onExample: (id: string) => void;
  readonly onProposed: (proposal: string) => void;
}

const ZONE = Intl.DateTimeFormat().resolvedOptions().timeZone || 'UTC';

export function ScheduleStep(props: ScheduleStepProps) {
  const { example, proposed, canPropose, onExample, onProposed } = props;
  const create = useApiAction('proposals.create');
  const go = useNavigate();
  const text = example.yaml(ZONE);
  const propose = (): void =>
    create.mutate(
      {
        files: [{ name: `${example.stream}.yaml`, text }],
        note: `example: ${example.title}`,
      },
      { onSuccess: ({ proposal }) => onProposed(proposal) },
    );
  return (
    <>
      <div className="gallery" role="radiogroup" aria-label="Examples">
        {EXAMPLES.map((it) => (
          <label key={it.id} className="card">
            <input
              type="radio"
              name="example"
              checked={it.id === example.id}
              onChange={() => onExample(it.id)}
            />
            <strong>{it.title}</strong>
            <span className="soft">{it.about}</span>
          </label>
        ))}
      </div>
      <pre
        className="example-yaml"
        role="region"
        // biome-ignore lint/a11y/noNoninteractiveTabindex: it scrolls, so it must be reachable by keyboard.
        tabIndex={0}
        aria-label={`The file of ${example.title}`}
      >
        {text}
      </pre>
      {create.error && <FaultLine fault={create.error.fault} />}
      <div className="run-actions">
        <Button
          kind={proposed ? 'plain' : 'primary'}
          icon={Send}
          busy={create.isPending}
          disabled={!canPropose}
          onClick={propose}
        >
          {proposed ? 'Propose again' : 'Propose it'}
        </Button>
        <Button
          icon={Pencil}
          onClick={() => {
            saveDraft(NEW, text);
            void go(editPath());
          }}
        >
          Edit it first
        </Button>
        {!canPropose && <span className="muted">Needs a machine.</span>}
      </div>
    </>
  );
}

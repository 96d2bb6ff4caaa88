// A command to be typed elsewhere: in the machine's type, copied by one press.
import { Check, Copy } from 'lucide-react';
import { useEffect, useState } from 'react';
import { Button } from '#console/renderer/ui/button.tsx';

const SAID_MS = 1_800;

/** False when neither the clipboard nor the old way is allowed; the text is then selected for the person. */
export async function copyText(text: string): Promise<boolean> {
  try {
    await navigator.clipboard.writeText(text);
    return true;
  } catch {
    const area = document.createElement('textarea');
    area.value = text;
    document.body.append(area);
    area.select();
    const done = document.execCommand('copy');
    area.remove();
    return done;
  }
}

export interface CopyLineProps {
  /** What the line does, for screen readers. */
  readonly label: string;
  readonly text: string;
  readonly prompt?: '$' | '#';
  /** Long secrets are cut on screen; all of it is copied. */
  readonly short?: boolean;
}

export function CopyLine({ label, text, prompt = '$', short = false }: CopyLineProps) {
  const [said, setSaid] = useState<'copied' | 'select it'>();
  useEffect(() => {
    if (said === undefined) return;
    const timer = setTimeout(() => setSaid(undefined), SAID_MS);
    return () => clearTimeout(timer);
  }, [said]);
  const copy = async (): Promise<void> => setSaid((await copyText(text)) ? 'copied' : 'select it');
  return (
    <div className="copy-command">
      <span className="copy-prompt" aria-hidden="true">
        {prompt}
      </span>
      <code className={short ? 'copy-text truncate' : 'copy-text'} title={text}>
        {text}
      </code>
      <Button
        kind="quiet"
        icon={said === 'copied' ? Check : Copy}
        aria-label={`Copy: ${label}`}
        onClick={() => void copy()}
      >
        {said ?? 'Copy'}
      </Button>
    </div>
  );
}

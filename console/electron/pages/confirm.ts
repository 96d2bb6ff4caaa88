// The page of the confirmation: shows what the main process read from the bytes, as text and nothing but text.
import type { ConfirmationView } from '#console/electron/channels.ts';
import type { ConfirmationApi } from './confirmation-api.ts';

/** A person needs a moment to see what came up: a key pressed for another window must not sign. */
const SETTLE_MS = 700;

const { confirmation } = globalThis as unknown as { readonly confirmation: ConfirmationApi };
const part = <T extends HTMLElement>(id: string): T => {
  const found = document.getElementById(id);
  if (!found) throw new Error(`the page lacks #${id}`);
  return found as T;
};
const person = part<HTMLSelectElement>('person');
const passphrase = part<HTMLInputElement>('passphrase');
const agree = part<HTMLButtonElement>('agree');
const fault = part<HTMLParagraphElement>('fault');

function textOf(tag: string, text: string, className = ''): HTMLElement {
  const element = document.createElement(tag);
  element.textContent = text;
  element.className = className;
  return element;
}

function show(view: ConfirmationView): void {
  part('proposal').textContent = view.proposal;
  part('place').textContent = view.place;
  part('machines').textContent = view.machines === 1 ? '1 machine' : `${view.machines} machines`;
  for (const { kind, digest, lines } of view.documents) {
    const section = document.createElement('section');
    section.append(
      textOf('strong', kind),
      textOf('pre', lines.join('\n')),
      textOf('code', `SHA-256 ${digest}`, 'digest'),
    );
    part('documents').append(section);
  }
  for (const name of view.persons) person.append(new Option(name, name));
  const ask = (): void => {
    part('secret').hidden = view.unlocked.includes(person.value);
  };
  person.addEventListener('change', ask);
  ask();
  part('refuse').focus();
  setTimeout(() => {
    agree.disabled = false;
  }, SETTLE_MS);
}

part<HTMLFormElement>('form').addEventListener('submit', (event) => {
  event.preventDefault();
  agree.disabled = true;
  fault.textContent = '';
  void confirmation.agree(person.value, passphrase.value).then((answer) => {
    passphrase.value = '';
    if (answer.ok) return;
    fault.textContent = answer.fault.message;
    agree.disabled = false;
    passphrase.focus();
  });
});
part('refuse').addEventListener('click', () => void confirmation.refuse());
addEventListener('keydown', (event) => {
  if (event.key === 'Escape') void confirmation.refuse();
});

void confirmation.read().then((view) => {
  if (view) show(view);
  document.documentElement.dataset.ready = 'yes';
});

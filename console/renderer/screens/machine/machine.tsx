// Machine: one machine, whole.
export function MachineScreen() {
  return <h1>Machine</h1>;
}

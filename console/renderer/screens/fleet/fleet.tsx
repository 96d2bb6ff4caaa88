// Fleet: every machine at a glance.
import { useApi } from '#console/renderer/transport/use-api.ts';

export function FleetScreen() {
  const agents = useApi('agents.list', {});
  return <h1>{agents.data?.length}</h1>;
}

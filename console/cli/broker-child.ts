// The embedded broker as a child of `muster serve`: it ends with its parent, however that ends.
import { brokerCommand } from './broker.ts';

// The parent holds the other end of this pipe; the kernel closes it even after kill -9.
process.stdin.on('end', () => process.emit('SIGTERM', 'SIGTERM')).resume();
await brokerCommand().parseAsync(process.argv);
process.stdin.destroy();

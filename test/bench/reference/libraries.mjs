// Reference of P6, P7 and P8: Node with the libraries the agent uses, loaded and doing nothing.
import 'better-sqlite3';
import 'commander';
import 'croner';
import 'jose';
import 'mqtt';
import 'pino';
import 'yaml';
import 'zod';

setInterval(() => {}, 1 << 30);
console.log('ready');

// A reader that goes away (`muster runs | head -1`) is no error: output ends, quietly.

/** Makes a closed stdout or stderr harmless; any other write error still ends the program. */
export function guardPipes(): void {
  for (const stream of [process.stdout, process.stderr]) {
    stream.on('error', (error: NodeJS.ErrnoException) => {
      if (error.code !== 'EPIPE' && error.code !== 'ERR_STREAM_DESTROYED') throw error;
    });
  }
}

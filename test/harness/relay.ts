// A way to a server whose open connections can be made to lead nowhere, as after a change of the network: nobody is told.
import { readFileSync, writeFileSync } from 'node:fs';
import { type AddressInfo, connect, createServer, type Socket } from 'node:net';

export interface Relay {
  /** A kubeconfig that goes this way. */
  readonly kubeconfig: string;
  /** What is open from now on passes nothing on, and ends with nothing. Further connections are as the first were. */
  hush(): void;
  close(): void;
}

/** @param kubeconfig of the server at `url`; the new one is put beside it */
export async function startRelay(url: string, kubeconfig: string): Promise<Relay> {
  const open = new Set<Socket>();
  const server = createServer({ noDelay: true }, (client) => {
    const ahead = connect({ port: Number(new URL(url).port), host: '127.0.0.1', noDelay: true });
    for (const [from, to] of [
      [client, ahead],
      [ahead, client],
    ] as const) {
      open.add(from);
      from.pipe(to);
      from.on('error', () => {});
      from.on('close', () => open.delete(from) && to.destroy());
    }
  });
  await new Promise<void>((resolve) => server.listen(0, '127.0.0.1', resolve));
  const { port } = server.address() as AddressInfo;
  const path = `${kubeconfig}-relay`;
  writeFileSync(path, readFileSync(kubeconfig, 'utf8').replace(url, `http://127.0.0.1:${port}`));
  const hushed = new Set<Socket>();
  return {
    kubeconfig: path,
    hush() {
      for (const socket of open) {
        socket.unpipe();
        socket.pause();
        hushed.add(socket);
      }
      open.clear();
    },
    close() {
      server.close();
      for (const socket of [...open, ...hushed]) socket.destroy();
    },
  };
}

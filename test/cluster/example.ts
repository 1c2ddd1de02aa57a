// The reference text's application: a Deployment with the containers `go` on 8080 and `multi-port` on 80 and 81.
import { goProgram, sitesProgram, type WebCounter } from './programs.ts';
import type { DeployOptions } from './workload.ts';

export interface Example {
  readonly options: DeployOptions;
  readonly counters: { readonly go: WebCounter; readonly multiPort: WebCounter };
}

export function makeExample(changes: Partial<DeployOptions> = {}): Example {
  const counters = { go: { requests: 0 }, multiPort: { requests: 0 } };
  const options: DeployOptions = {
    name: 'example-go',
    selector: { draft: 'example-go' },
    labels: { 'app.kubernetes.io/instance': 'example-go' },
    annotations: { buildID: '01C9HJKRQ7VZ3C4G9KBCS41BFJ' },
    graceSeconds: 2,
    containers: [
      { name: 'go', ports: [{ containerPort: 8080 }], program: goProgram(8080, counters.go) },
      {
        name: 'multi-port',
        ports: [{ containerPort: 80 }, { containerPort: 81 }],
        program: sitesProgram([80, 81], counters.multiPort),
      },
    ],
    ...changes,
  };
  return { options, counters };
}

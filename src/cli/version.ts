// The program's version, from the one place that has it.
import { version } from '../../package.json';

export { version };

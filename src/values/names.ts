// What Kubernetes accepts as a name, a label or a port: the same rules for flags, draft.toml and the cluster's answers.

const LABEL = '[a-z0-9](?:[-a-z0-9]*[a-z0-9])?';
const DNS_LABEL = new RegExp(`^${LABEL}$`);
const DNS_SUBDOMAIN = new RegExp(`^${LABEL}(?:\\.${LABEL})*$`);
const LABEL_VALUE = /^[A-Za-z0-9](?:[-A-Za-z0-9_.]*[A-Za-z0-9])?$/;
const PORT_NAME = /^(?=.*[A-Za-z])[A-Za-z0-9](?:[-A-Za-z0-9]*[A-Za-z0-9])?$/;

/** A namespace's or container's name. */
export function isDnsLabel(text: string): boolean {
  return text.length <= 63 && DNS_LABEL.test(text);
}

/** A pod's or workload's name. */
export function isDnsSubdomain(text: string): boolean {
  return text.length <= 253 && DNS_SUBDOMAIN.test(text);
}

/** A label's value, not empty. */
export function isLabelValue(text: string): boolean {
  return text.length <= 63 && LABEL_VALUE.test(text);
}

/** A label's key: a name with an optional `domain/` before it. */
export function isLabelKey(text: string): boolean {
  const [name = '', prefix, ...rest] = text.split('/').reverse();
  return rest.length === 0 && isLabelValue(name) && (prefix === undefined || isDnsSubdomain(prefix));
}

/** A port's name; digits alone are a number. */
export function isPortName(text: string): boolean {
  return text.length <= 63 && PORT_NAME.test(text);
}

// Failures in the API's own form: a `Status` object, which kubectl turns into its messages.

export interface Status {
  readonly kind: 'Status';
  readonly apiVersion: 'v1';
  readonly metadata: object;
  readonly status: 'Failure';
  readonly message: string;
  readonly reason: string;
  readonly details?: object;
  readonly code: number;
}

const REASONS: Readonly<Record<number, string>> = {
  400: 'BadRequest',
  401: 'Unauthorized',
  403: 'Forbidden',
  404: 'NotFound',
  405: 'MethodNotAllowed',
  409: 'Conflict',
  410: 'Expired',
  422: 'Invalid',
  429: 'TooManyRequests',
  500: 'InternalError',
  503: 'ServiceUnavailable',
  504: 'Timeout',
};

export class ApiError extends Error {
  readonly status: Status;

  constructor(code: number, message: string, details?: object, reason: string = REASONS[code] ?? 'Unknown') {
    super(message);
    const base = { kind: 'Status', apiVersion: 'v1', metadata: {}, status: 'Failure', message, reason, code } as const;
    this.status = details === undefined ? base : { ...base, details };
  }
}

export function notFound(plural: string, name: string): ApiError {
  return new ApiError(404, `${plural} "${name}" not found`, { name, kind: plural });
}

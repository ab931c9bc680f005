/** Why a request is not served: becomes the status and the JSON of the answer. */

export class Problem extends Error {
  readonly status: number;
  /** More members of the answer's `error`, such as the `field` that is wrong. */
  readonly details: Readonly<Record<string, unknown>>;

  constructor(status: number, message: string, details: Readonly<Record<string, unknown>> = {}) {
    super(message);
    this.status = status;
    this.details = details;
  }
}

/** What somebody sent is wrong, and where. */
export function wrongField(field: string, message: string): Problem {
  return new Problem(400, `${field} ${message}`, { field });
}

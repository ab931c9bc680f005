/**
 * Failures: each has a stable name, a JSON-RPC code, and a flag that says whether the operation is definitely not done.
 */

interface FailureKind {
  readonly code: number;
  /**
   * Whether the operation certainly has not taken and will not take effect. A single failure of this kind may say
   * otherwise.
   */
  readonly definite: boolean;
  readonly meaning: string;
}

export const FAILURES = {
  PARSE_ERROR: { code: -32700, definite: true, meaning: 'the text is not JSON' },
  INVALID_REQUEST: { code: -32600, definite: true, meaning: 'the JSON is not a JSON-RPC 2.0 request' },
  METHOD_NOT_FOUND: { code: -32601, definite: true, meaning: 'there is no such method' },
  INVALID_PARAMS: { code: -32602, definite: true, meaning: 'a parameter is missing or wrong; `data.field` names it' },
  INTERNAL_ERROR: { code: -32603, definite: false, meaning: 'a defect in the server; its log says more' },
  NOT_PRIMARY: { code: -32001, definite: true, meaning: 'this server is not primary; `data.view` is what it knows' },
  SESSION_UNKNOWN: { code: -32002, definite: true, meaning: 'the session expired or was never opened' },
  RESULT_DROPPED: {
    code: -32003,
    definite: false,
    meaning: 'this operation was executed once, and its result is gone: it was acknowledged before, or held a value',
  },
  NOT_READY: { code: -32004, definite: true, meaning: 'primary, but it may not serve yet' },
  OVERLOADED: { code: -32005, definite: true, meaning: 'queues are full; try again after `data.retryAfterMs` ms' },
  TOO_LARGE: { code: -32006, definite: true, meaning: 'a key, value, request or batch is over its limit' },
  RECOVERING: {
    code: -32007,
    definite: true,
    meaning: 'the monitor waits for servers before it can rebuild its view; `data.waitingFor` lists them',
  },
  STALE_VIEW: { code: -32008, definite: true, meaning: 'between servers: the receiver knows a newer view' },
  CONFLICTING_SERVER: { code: -32009, definite: true, meaning: 'another live process has this address' },
  SNAPSHOT_UNKNOWN: {
    code: -32013,
    definite: true,
    meaning: 'the snapshot was not read from for too long, or its server has ended; take another',
  },
  KEY_NOT_FOUND: { code: -32014, definite: true, meaning: 'over HTTP: the key is absent' },
  PRECONDITION_FAILED: {
    code: -32015,
    definite: true,
    meaning:
      'over HTTP: the key is not as the request demands; `data.revision` is its revision, null where it is absent',
  },
  NO_SPACE: {
    code: -32016,
    definite: true,
    meaning: 'a server that must hold the data has no memory left; reads and deletes go on',
  },
  INVALID_VALUE: {
    code: -32030,
    definite: true,
    meaning: 'the value that the key has is not what the operation, or the codec of the client, can read',
  },
  OUTCOME_UNKNOWN: {
    code: -32012,
    definite: false,
    meaning: 'the server lost its role while the operation was under way; it may or may not take effect',
  },
  UNREACHABLE: { code: -32020, definite: true, meaning: 'no connection could be made; the request never left' },
  CONNECTION_LOST: { code: -32021, definite: false, meaning: 'the connection ended before the answer came' },
  TIMEOUT: {
    code: -32022,
    definite: false,
    meaning: 'no answer in time; `definite` says whether it may have been done',
  },
  ABORTED: {
    code: -32023,
    definite: false,
    meaning: 'the caller gave up; `definite` says whether it may have been done',
  },
  CLOSED: {
    code: -32024,
    definite: false,
    meaning: 'closed while the operation was under way; `definite` says the truth',
  },
  STORE_IN_USE: { code: -32025, definite: true, meaning: 'the directory is open already, in this process or another' },
  STORE_DAMAGED: { code: -32026, definite: true, meaning: 'the store in the directory is damaged' },
  STORE_FOREIGN: {
    code: -32031,
    definite: true,
    meaning: 'the directory holds something else than a store of this kind; nothing in it was changed',
  },
  STORE_FAILED: {
    code: -32027,
    definite: false,
    meaning: 'the disk did not do what it should: it is full, not writable, or reports errors',
  },
} as const satisfies Record<string, FailureKind>;

export type FailureName = keyof typeof FAILURES;

/**
 * The only error class of this project. `definite` true means that the operation certainly has not taken and will not
 * take effect.
 */
export class UnderstudyError extends Error {
  override readonly name: FailureName;
  readonly code: number;
  readonly definite: boolean;
  readonly data: Readonly<Record<string, unknown>>;

  constructor(name: FailureName, message: string, details: FailureDetails = {}) {
    super(message, details.cause === undefined ? undefined : { cause: details.cause });
    this.name = name;
    this.code = FAILURES[name].code;
    this.definite = details.definite ?? FAILURES[name].definite;
    this.data = details.data ?? {};
  }

  /** Returns the JSON-RPC error object for this failure. */
  toWire(): WireError {
    return { code: this.code, message: this.message, data: { ...this.data, name: this.name, definite: this.definite } };
  }

  /**
   * Creates a failure that is sent to a peer or caused by the network. It has no stack, because it is not thrown here.
   */
  static answered(name: FailureName, message: string, details: FailureDetails = {}): UnderstudyError {
    return withoutStack(() => new UnderstudyError(name, message, details));
  }

  /**
   * Reads a failure from a peer's JSON-RPC error object. An unknown kind becomes an INTERNAL_ERROR that is not
   * definite.
   */
  static fromWire(error: unknown): UnderstudyError {
    const wire = (typeof error === 'object' && error !== null ? error : {}) as Partial<WireError>;
    const {
      name: told,
      definite,
      ...data
    } = (typeof wire.data === 'object' && wire.data !== null ? wire.data : {}) as Partial<WireError['data']>;
    const name = nameOf(told, wire.code);
    const message = typeof wire.message === 'string' ? wire.message : 'the peer answered an error without a message';
    const details = typeof definite === 'boolean' ? { data, definite } : { data };
    return withoutStack(() => new UnderstudyError(name, message, details));
  }
}

export interface FailureDetails {
  readonly definite?: boolean;
  readonly data?: Readonly<Record<string, unknown>>;
  readonly cause?: unknown;
}

export interface WireError {
  readonly code: number;
  readonly message: string;
  readonly data: Readonly<Record<string, unknown>> & { readonly name: string; readonly definite: boolean };
}

/**
 * Creates an error without a stack. The place where an answer was read says nothing about the cause, and capturing the
 * stack costs more than everything else.
 */
function withoutStack<T>(make: () => T): T {
  const { stackTraceLimit } = Error;
  Error.stackTraceLimit = 0;
  try {
    return make();
  } finally {
    Error.stackTraceLimit = stackTraceLimit;
  }
}

function nameOf(told: unknown, code: unknown): FailureName {
  if (typeof told === 'string' && Object.hasOwn(FAILURES, told)) return told as FailureName;
  for (const [name, kind] of Object.entries(FAILURES)) if (kind.code === code) return name as FailureName;
  return 'INTERNAL_ERROR';
}

/** The part of the product that an error comes from; the reason follows the slash. */
type Area =
  | 'model'
  | 'data'
  | 'spec'
  | 'gradient'
  | 'attack'
  | 'evaluate'
  | 'export'
  | 'report'
  | 'claim'
  | 'worker'
  | 'certify'
  | 'vnnlib'
  | 'usage'
  | 'internal';

export type ErrorCode = `${Area}/${string}`;

/** An error as data: what crosses the worker, webview and `--json` boundaries. */
export interface ErrorData {
  readonly code: ErrorCode;
  /** One sentence: what is wrong. */
  readonly message: string;
  /** One sentence: what to do about it. */
  readonly hint: string;
}

/** Every error that a user may see: a reason code, what is wrong, and what to do. */
export class RobustnessError extends Error {
  override readonly name = 'RobustnessError';
  readonly code: ErrorCode;
  readonly hint: string;

  constructor(code: ErrorCode, message: string, hint: string, options?: ErrorOptions) {
    super(message, options);
    this.code = code;
    this.hint = hint;
  }

  /** Whether `error` is one of ours, and (when given) has this code or lies in this area (`model/`). */
  static is(error: unknown, code?: ErrorCode | `${Area}/`): error is RobustnessError {
    if (!(error instanceof RobustnessError)) return false;
    return code === undefined || (code.endsWith('/') ? error.code.startsWith(code) : error.code === code);
  }

  toData(): ErrorData {
    return { code: this.code, message: this.message, hint: this.hint };
  }

  static fromData(data: ErrorData): RobustnessError {
    return new RobustnessError(data.code, data.message, data.hint);
  }
}

/** Any thrown value as data; what is not ours becomes `internal/unexpected`, never a stack trace. */
export function toErrorData(error: unknown): ErrorData {
  if (RobustnessError.is(error)) return error.toData();
  const message = error instanceof Error ? error.message : String(error);
  return {
    code: 'internal/unexpected',
    message: `Something went wrong that the tool does not know: ${message}`,
    hint: 'Please report this with the model and the command that led to it.',
  };
}

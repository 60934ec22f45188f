import { RobustnessError } from '../../engine/error';
import { type Command, jsonOption } from '../command';

/** In the contract of the command line, so that scripts get a clear answer. */
export const certifyCommand: Command = {
  name: 'certify',
  usage: 'MODEL (--data D.npz --norm N --epsilon E | --vnnlib FILE)',
  summary: 'Prove robustness (not available yet).',
  options: {
    ...jsonOption,
    data: { type: 'string', value: 'D.npz', help: 'Examples to certify.' },
    norm: { type: 'string', value: 'N', help: 'Norm of the ball.' },
    epsilon: { type: 'string', value: 'E', help: 'Radius of the ball.' },
    vnnlib: { type: 'string', value: 'FILE', help: 'Property to prove.' },
    method: { type: 'string', value: 'M', help: 'Way of proving.' },
    timeout: { type: 'string', value: 'S', help: 'Seconds to try.' },
  },
  positionals: { least: 0, most: 1 },
  run() {
    throw new RobustnessError(
      'usage/not-available',
      'Certification is not available in this version.',
      'Use `robustness evaluate`: attacks give an upper bound of the robust accuracy.',
    );
  },
};

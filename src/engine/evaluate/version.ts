import { version } from '../../../package.json';

export const tool = { name: 'robustness-inspector', version } as const;

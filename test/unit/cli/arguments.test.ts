import { describe, expect, it } from 'vitest';
import { attackSettings } from '../../../src/cli/attackSettings';
import { type Command, exitCode, helpFor, parseArguments } from '../../../src/cli/command';
import { ProgressView } from '../../../src/cli/progress';
import { textTable } from '../../../src/cli/table';

const command: Command = {
  name: 'try',
  usage: 'FILE',
  summary: 'Tries.',
  options: {
    limit: { type: 'string', value: 'N', help: 'How many.' },
    norm: { type: 'string', value: 'N', help: 'Norm.', choices: ['linf', 'l2'] },
    option: { type: 'string', value: 'k=v', help: 'Option.', multiple: true },
    json: { type: 'boolean', help: 'JSON.' },
  },
  positionals: { least: 1, most: 2 },
  run: async () => exitCode.done,
};
const parse = (...argv: string[]) => parseArguments(command, argv);

describe('parseArguments', () => {
  it('reads options, flags and what is repeated', () => {
    const args = parse('a', '--limit', '5', '--option', 'x=1', '--option=y=2', '--json');
    expect(args.positionals).toEqual(['a']);
    expect(args.integer('limit', 1)).toBe(5);
    expect(args.texts('option')).toEqual(['x=1', 'y=2']);
    expect(args.flag('json')).toBe(true);
    expect(args.text('norm')).toBeUndefined();
    expect(args.integer('absent', 0)).toBeUndefined();
  });

  it.each([
    [['a', '--limt', '5'], 'usage/option', /Did you mean --limit/],
    [['a', '--zzzzzzzz'], 'usage/option', /--limit, --norm/],
    [['a', '--limit'], 'usage/option', /--help/],
    [['a', '--norm', 'l3'], 'usage/choice', /linf, l2/],
    [[], 'usage/arguments', /robustness try FILE/],
    [['a', 'b', 'c'], 'usage/arguments', /robustness try FILE/],
  ])('refuses %j', (argv, code, hint) => {
    expect(() => parse(...argv)).toThrow(expect.objectContaining({ code, hint: expect.stringMatching(hint) }));
  });

  it.each(['0', '-1', '1.5', 'many', '1e3', ''])('refuses the limit “%s”', (limit) => {
    expect(() => parse('a', `--limit=${limit}`).integer('limit', 1)).toThrow(
      expect.objectContaining({ code: 'usage/number' }),
    );
  });

  it('has help that names every option', () => {
    for (const name of Object.keys(command.options)) expect(helpFor(command)).toContain(`--${name}`);
  });
});

describe('attackSettings', () => {
  const defaults = { iterations: 10, restarts: 1, queries: 100 };
  const inside = Float32Array.of(0, 0.5, 1);
  const outside = Float32Array.of(-3, 7);

  it('bounds values to 0 and 1 where they lie there, else not', () => {
    expect(attackSettings([], defaults, inside).bounds).toEqual([0, 1]);
    expect(attackSettings([], defaults, outside).bounds).toBeNull();
    expect(attackSettings(['bounds=-4:8'], defaults, outside).bounds).toEqual([-4, 8]);
    expect(attackSettings(['counts=values'], defaults, inside).counts).toBe('values');
    expect(() => attackSettings(['counts=pixel'], defaults, inside)).toThrow(/counts=pixel/);
    expect(attackSettings(['bounds=none'], defaults, inside).bounds).toBeNull();
  });

  it('reads budget, seed and pre-processing', () => {
    expect(attackSettings(['iterations=3', 'seed=7', 'mean=0.1,0.2,0.3', 'std=0.5'], defaults, inside)).toEqual({
      budget: { iterations: 3, restarts: 1, queries: 100 },
      seed: 7,
      bounds: [0, 1],
      preprocess: { mean: [0.1, 0.2, 0.3], std: [0.5], layout: 'nchw', channels: 'rgb' },
      kind: 'image',
      counts: null,
    });
    expect(attackSettings(['mean=0.1'], defaults, inside)).toMatchObject({
      kind: 'vector',
      preprocess: { layout: 'flat' },
    });
  });

  it.each([
    'iterations',
    'iteratons=3',
    'iterations=0',
    'iterations=x',
    'bounds=1:0',
    'bounds=1',
    'std=0',
    'mean=a',
    'layout=cwh',
  ])('refuses %s', (option) => {
    expect(() => attackSettings([option], defaults, inside)).toThrow(
      expect.objectContaining({ code: 'usage/attack-option' }),
    );
  });
});

describe('ProgressView', () => {
  const progress = { stage: 'Attack: 5 of 10 examples', done: 50, total: 100, secondsLeft: 12 };
  function view(interactive: boolean) {
    const written: string[] = [];
    let now = 0;
    const terminal = { out: () => {}, err: (each: string) => void written.push(each), interactive, columns: 60 };
    const pass = (ms: number) => {
      now += ms;
    };
    return { view: new ProgressView(terminal, () => now), text: () => written.join(''), pass };
  }

  it('redraws one line on a terminal, no wider than it', () => {
    const { view: bar, text } = view(true);
    bar.show(progress);
    bar.show({ ...progress, stage: 'x'.repeat(200) });
    expect(text()).not.toContain('\n');
    const [, first = '', second = ''] = text().split('\r\u001b[K');
    expect(first).toContain('50 % Attack: 5 of 10 examples, about 12 s left'.slice(0, 20));
    expect(second.length).toBeLessThan(60);
    bar.note('Done.');
    expect(text().endsWith('\r\u001b[KDone.\n')).toBe(true);
  });

  it('writes lines elsewhere, not too many', () => {
    const { view: lines, text, pass } = view(false);
    lines.show(progress);
    pass(1000);
    lines.show(progress);
    pass(5000);
    lines.show({ ...progress, secondsLeft: null });
    expect(text()).toBe(' 50 % Attack: 5 of 10 examples, about 12 s left\n 50 % Attack: 5 of 10 examples\n');
  });
});

describe('textTable', () => {
  it('pads columns to their widest cell', () => {
    expect(textTable(['a', 'long'], [['wide cell', 'x']])).toBe('a          long\n─────────  ────\nwide cell  x\n');
  });
});

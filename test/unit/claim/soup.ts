import { Random } from '../../../src/engine/random';

/** What documents are made of, and what breaks those who read them. */
const marks = [
  ...[
    '\n',
    '\n',
    '\n\n',
    '\n\n',
    '\r\n',
    '\r\n\r\n',
    '\r',
    '\r\r',
    '\t',
    ' ',
    '  ',
    '    ',
    '\u00a0',
    '\u2028',
    '\ufeff',
    '\0',
  ],
  ...[
    '# ',
    '## Limitations\n\n',
    '### Results\n\n',
    'Title\n===\n',
    'Title\n---\n',
    '---\n',
    '***\n',
    '+++\n',
    '> ',
    '> [!NOTE]\n> ',
  ],
  ...[
    '- ',
    '* ',
    '1. ',
    '1) ',
    '- [ ] ',
    '    - ',
    '  1. ',
    ':   ',
    '***',
    '**',
    '*',
    '__',
    '_',
    '~~',
    '`',
    '``',
    '```\n',
    '~~~\n',
  ],
  ...['```python\n', '$', '$$\n', '\\(', '\\)', '\\[', '\\', '\\*', '&amp;', '&#x1F9BE;', '&nbsp;', '&', '\\&'],
  ...[
    '[',
    '](',
    ')',
    ']',
    '![',
    '[x](https://arxiv.org/abs/1)',
    '[x](models/net.onnx)',
    '[^1]',
    '[^1]: ',
    '[r]: x\n',
    '<https://a.b>',
  ],
  ...[
    '| a | robust accuracy linf ε = 0.1 |\n|---|---|\n| net | 62 % |\n',
    '|',
    '\\|',
    '|---|:-:|\n',
    '| net | 62 % | 95 % |\n',
  ],
  ...[
    '<!-- ',
    ' -->',
    '<p>',
    '</p>',
    '<br/>',
    '<td>',
    '<table><tr>',
    '<details>\n',
    '<script>',
    '<b',
    '>',
    '<img alt="',
    '"/>',
    '{',
    '}',
  ],
  ...['<!-- robustness-disable-next-line -- why -->\n', '<!-- robustness-disable-next-line claims/stale -->\n'],
  ...['<!-- robustness-disable-line claims/no-threat-model -- measured -->', '<!-- robustness-disable claims/x -->\n'],
  ...[
    '<!-- robustness-enable -->\n',
    '<!-- robustness:begin net -->\n',
    '<!-- robustness:end -->\n',
    '.. robustness-disable-line -- x\n',
  ],
  ...[
    '% robustness-disable-next-line -- x\n',
    '# robustness-disable-line -- x\n',
    '.. note:: ',
    '.. code-block:: python\n\n   ',
    '::\n\n    ',
  ],
  ...[
    ':ref:`a`',
    '`a <https://b.c>`_',
    '=====\n',
    '.. _a: b\n',
    '\\section{',
    '\\begin{abstract}\n',
    '\\end{abstract}\n',
    '\\cite{a}',
  ],
  ...[
    '\\begin{tabular}{ll}\n',
    ' & ',
    '\\\\\n',
    '\\textbf{',
    '% ',
    '"""',
    "'''",
    '"""\n',
    '# ',
    'def f():\n    ',
    'r"""',
    'import x\n',
  ],
  ...[
    ':::note\n',
    ':::\n',
    '{/* ',
    ' */}',
    '{x}',
    '<Tag a={1}>',
    'export const a = 1\n',
    'abstract: ',
    'abstract: >\n  ',
    'model-index:\n',
  ],
  ...[
    '- name: x\n  results:\n',
    '🦾',
    '👩‍🔬',
    'e\u0301',
    '\ud83e',
    '\uddbe',
    '漢字。',
    'ÉTÉ ',
    'ſ',
    '\u212a',
    '…',
    '“',
    '”',
    '...',
    '. ',
    '? ',
    '! ',
  ],
];

const prose = [
  'Our model is robust to adversarial attacks',
  'The classifier keeps 62 % accuracy under PGD with linf ε = 0.1',
  'It withstands noise, blur and fog',
  'The neural network was trained on the CIFAR-10 dataset',
  'The model generalises well to unseen hospitals',
  'It is certifiably robust within an l2 radius of 0.5',
  'Clean accuracy is 95 %',
  'models/net.onnx',
  'not',
  'may',
  'robust',
  'e.g. ',
];

/** A text of marks and prose in no order at all; the same for the same seed. */
export function soup(seed: number, pieces: number): string {
  const random = Random.of(seed, 'soup');
  const below = (n: number) => Math.floor(random.uniform() * n);
  let text = '';
  for (let i = below(pieces) + 1; i > 0; i--) {
    const from = random.uniform() < 0.55 ? marks : prose;
    text += from[below(from.length)]!;
    if (random.uniform() < 0.3) text += '. ';
  }
  return text;
}

/** Soup as a file of a format may hold it, half of the time; otherwise as it is. */
export function servedAs(ending: string, text: string, seed: number): string {
  if (seed % 2 === 0) return text;
  switch (ending) {
    case '.ipynb': {
      const source = seed % 4 === 1 ? text : text.split(/(?<=\n)/);
      const cell = { cell_type: 'markdown', metadata: {}, source };
      const notebook = { cells: [cell, { cell_type: 'code', source: [text], outputs: [] }, cell], nbformat: 4 };
      return JSON.stringify(notebook, null, seed % 3).replaceAll('é', '\\u00e9');
    }
    case '.py':
      return `"""${text.replaceAll('"""', '')}\n"""\n# ${text.replaceAll(/[\r\n]+/g, '\n# ')}\n`;
    case '.tex':
      return `\\documentclass{article}\n\\begin{document}\n${text}\n\\end{document}\n`;
    case '.md':
      return `---\nlicense: mit\n---\n${text}`;
    case 'citation.cff':
      return `cff-version: 1.2.0\nabstract: ${seed % 4 === 1 ? JSON.stringify(text) : `|\n  ${text.replaceAll(/\r\n|\r|\n/g, '\n  ')}`}\n`;
    default:
      return text;
  }
}

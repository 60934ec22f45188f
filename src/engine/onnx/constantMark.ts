/** In a node's documentation: its output is taken as given, and no gradient goes further back (what is passed through). */
export const constantMark = 'robustness-inspector: constant';

/** In a node's documentation: it draws what a Dropout that was left in training mode keeps. */
export const dropoutMark = 'robustness-inspector: Dropout';

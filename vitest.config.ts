import { defineConfig } from 'vitest/config';

export default defineConfig({
  test: {
    include: ['test/unit/**/*.test.ts'],
    // ONNX Runtime is native code: one process a file keeps a crash from taking the other files with it.
    pool: 'forks',
    // By default one core is kept free, of two.
    maxWorkers: '100%',
    testTimeout: 60_000,
    // Bundling for a test takes seconds, and several files may do it at once.
    hookTimeout: 120_000,
  },
});

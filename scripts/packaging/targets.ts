/** VS Code's names for the platforms that ONNX Runtime ships a binary for, with ONNX Runtime's own. */
export const targets = {
  'linux-x64': { platform: 'linux', arch: 'x64' },
  'linux-arm64': { platform: 'linux', arch: 'arm64' },
  'darwin-arm64': { platform: 'darwin', arch: 'arm64' },
  'win32-x64': { platform: 'win32', arch: 'x64' },
  'win32-arm64': { platform: 'win32', arch: 'arm64' },
} as const;

export type Target = keyof typeof targets;

/** @throws Error that names the targets there are */
export function parseTarget(text: string): Target {
  if (Object.hasOwn(targets, text)) return text as Target;
  const known = Object.keys(targets).join(', ');
  // ONNX Runtime 1.30 has none for Intel Macs (darwin-x64), nor for Alpine or 32-bit ARM.
  throw new Error(`ONNX Runtime has no binary for ${text}. Package one of: ${known}.`);
}

export function thisMachine(): Target {
  return parseTarget(`${process.platform}-${process.arch}`);
}

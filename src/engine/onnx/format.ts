import { open } from 'node:fs/promises';
import * as path from 'node:path';
import { RobustnessError } from '../error';

interface Format {
  readonly title: string;
  readonly howTo: string;
}

const formats: Readonly<Record<string, Format>> = {
  '.ort': {
    title: 'an ONNX Runtime (ORT) file, whose graph is already compiled for inference',
    howTo: 'Use the .onnx file that it was converted from.',
  },
  '.pt': { title: 'a PyTorch file', howTo: 'Export it with torch.onnx.export(model, example_input, "model.onnx").' },
  '.pth': { title: 'a PyTorch file', howTo: 'Export it with torch.onnx.export(model, example_input, "model.onnx").' },
  '.h5': { title: 'a Keras HDF5 file', howTo: 'Export it with model.export("model.onnx", format="onnx") or tf2onnx.' },
  '.keras': { title: 'a Keras file', howTo: 'Export it with model.export("model.onnx", format="onnx") or tf2onnx.' },
  '.pb': {
    title: 'a TensorFlow file',
    howTo: 'Convert it with python -m tf2onnx.convert --saved-model DIR --output model.onnx.',
  },
  '.tflite': {
    title: 'a TensorFlow Lite file',
    howTo: 'Convert it with python -m tf2onnx.convert --tflite model.tflite --output model.onnx.',
  },
  '.safetensors': {
    title: 'a file of weights without a graph',
    howTo: 'Load the weights into their model and export that to ONNX (for Hugging Face: optimum-cli export onnx).',
  },
  '.pkl': {
    title: 'a pickle, which would run code if it were opened',
    howTo: 'Export the model with skl2onnx (scikit-learn) or torch.onnx.export (PyTorch).',
  },
  '.joblib': {
    title: 'a pickle, which would run code if it were opened',
    howTo: 'Export the model with skl2onnx (scikit-learn).',
  },
};

/** What other formats begin with, for files that carry the wrong name. */
const signatures: readonly { readonly bytes: readonly number[]; readonly at: number; readonly extension: string }[] = [
  { bytes: [0x4f, 0x52, 0x54, 0x4d], at: 4, extension: '.ort' },
  { bytes: [0x54, 0x46, 0x4c, 0x33], at: 4, extension: '.tflite' },
  { bytes: [0x89, 0x48, 0x44, 0x46], at: 0, extension: '.h5' },
  { bytes: [0x50, 0x4b, 0x03, 0x04], at: 0, extension: '.pt' },
];

/**
 * Refuses model files of other formats by name and by content, and says how to export them.
 *
 * @throws `model/other-format`
 */
export async function refuseOtherFormat(modelPath: string): Promise<void> {
  const extension = path.extname(modelPath).toLowerCase();
  const named = formats[extension];
  const format = named ?? (await sniff(modelPath));
  if (format) {
    throw new RobustnessError(
      'model/other-format',
      `"${path.basename(modelPath)}" is ${format.title}, not ONNX.`,
      format.howTo,
    );
  }
}

async function sniff(modelPath: string): Promise<Format | undefined> {
  const handle = await open(modelPath).catch(() => undefined);
  if (!handle) return undefined;
  try {
    const head = new Uint8Array(16);
    await handle.read(head, 0, 16, 0);
    const match = signatures.find(({ bytes, at }) => bytes.every((byte, i) => head[at + i] === byte));
    return match && formats[match.extension];
  } catch {
    return undefined;
  } finally {
    await handle.close();
  }
}

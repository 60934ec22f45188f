import { createHash } from 'node:crypto';
import { open, readFile, realpath, stat } from 'node:fs/promises';
import * as path from 'node:path';
import { fromBinary } from '@bufbuild/protobuf';
import { hashFiles } from '../data/hash';
import { RobustnessError } from '../error';
import { refuseOtherFormat } from './format';
import {
  type GraphProto,
  type ModelProto,
  ModelProtoSchema,
  type TensorProto,
  TensorProto_DataLocation,
} from './generated/onnx_pb';
import { validateTensor } from './tensor';

/** Protobuf's own limit on one message; larger models keep their weights outside. */
const maxModelBytes = 2 ** 31 - 1;
const maxExternalBytes = 8 * 2 ** 30;

export interface LoadedModel {
  /** As given. */
  readonly path: string;
  /** Over the model file alone; external data are not in it. */
  readonly sha256: string;
  readonly bytes: number;
  /** Parsed, checked, with external data read in. */
  readonly proto: ModelProto & { graph: GraphProto };
  readonly hasExternalData: boolean;
  /** Files of external data, relative to the model's folder as the model names them, each with its hash. */
  readonly external: readonly { readonly path: string; readonly sha256: string }[];
}

/**
 * Reads a model file as untrusted input: bounded parsing, declared sizes held against carried ones, and external data
 * only from inside the model's folder.
 *
 * @throws `model/unreadable`, `model/not-onnx`, `model/too-large`, `model/bad-tensor`, `model/external-data`
 */
export async function readModel(modelPath: string): Promise<LoadedModel> {
  await refuseOtherFormat(modelPath);
  const bytes = await readBounded(modelPath);
  const proto = parse(modelPath, bytes);
  const tensors = allTensors(proto.graph);
  const external = tensors.filter((tensor) => tensor.dataLocation === TensorProto_DataLocation.EXTERNAL);
  const locations = external.length > 0 ? await inlineExternalData(modelPath, external) : [];
  for (const tensor of tensors) validateTensor(tensor);
  return {
    path: modelPath,
    sha256: createHash('sha256').update(bytes).digest('hex'),
    bytes: bytes.byteLength,
    proto,
    hasExternalData: external.length > 0,
    external: await Promise.all(locations.map(async ({ path, file }) => ({ path, sha256: await hashFiles([file]) }))),
  };
}

async function readBounded(modelPath: string): Promise<Uint8Array> {
  const info = await stat(modelPath).catch((error: NodeJS.ErrnoException) => {
    throw new RobustnessError(
      'model/unreadable',
      `The model "${modelPath}" cannot be read (${error.code ?? error.message}).`,
      'Check that the path is right and that the file may be read.',
    );
  });
  if (!info.isFile()) {
    throw new RobustnessError('model/unreadable', `"${modelPath}" is not a file.`, 'Give the path of an .onnx file.');
  }
  if (info.size > maxModelBytes) {
    throw new RobustnessError(
      'model/too-large',
      `The model file is ${(info.size / 2 ** 30).toFixed(1)} GiB; a protobuf message holds at most 2 GiB.`,
      'Save the model with its weights as external data (onnx.save with save_as_external_data=True).',
    );
  }
  return readFile(modelPath);
}

function parse(modelPath: string, bytes: Uint8Array): ModelProto & { graph: GraphProto } {
  const fail = (why: string, cause?: unknown): never => {
    throw new RobustnessError(
      'model/not-onnx',
      `"${path.basename(modelPath)}" is not a valid ONNX model: ${why}.`,
      'The file may be cut short, or of another format under this name; export the model to ONNX again.',
      { cause },
    );
  };
  if (bytes.byteLength === 0) fail('it is empty');
  let proto: ModelProto;
  try {
    proto = fromBinary(ModelProtoSchema, bytes);
  } catch (error) {
    return fail(error instanceof Error ? error.message : String(error), error);
  }
  const { graph } = proto;
  if (!graph || graph.node.length === 0 || graph.output.length === 0) return fail('it holds no graph');
  if (proto.opsetImport.length === 0) fail('it names no operator set');
  return Object.assign(proto, { graph });
}

/** All tensors that carry data: initializers and constants, in subgraphs and functions too. */
function allTensors(graph: GraphProto): TensorProto[] {
  const tensors = [...graph.initializer];
  for (const node of graph.node) {
    for (const attribute of node.attribute) {
      if (attribute.t) tensors.push(attribute.t);
      tensors.push(...attribute.tensors);
      if (attribute.g) tensors.push(...allTensors(attribute.g));
      for (const sub of attribute.graphs) tensors.push(...allTensors(sub));
    }
  }
  return tensors;
}

/** @returns the files that were read, each once */
async function inlineExternalData(
  modelPath: string,
  tensors: readonly TensorProto[],
): Promise<{ path: string; file: string }[]> {
  const folder = await realpath(path.dirname(modelPath));
  const files = new Map<string, string>();
  let total = 0;
  for (const tensor of tensors) {
    const entry = new Map(tensor.externalData.map(({ key, value }) => [key, value]));
    const location = entry.get('location') ?? '';
    const file = await confine(folder, tensor.name, location);
    files.set(file, location);
    const size = (await stat(file)).size;
    const offset = wholeNumber(entry.get('offset') ?? '0');
    const length = wholeNumber(entry.get('length') ?? String(size - offset));
    if (!(offset >= 0 && length >= 0 && offset + length <= size)) {
      throw externalError(tensor.name, `points at bytes ${offset}..${offset + length} of a file of ${size}`);
    }
    total += length;
    if (total > maxExternalBytes) throw externalError(tensor.name, 'brings the weights to more than 8 GiB');
    const handle = await open(file);
    try {
      const data = new Uint8Array(length);
      const { bytesRead } = await handle.read(data, 0, length, offset);
      if (bytesRead !== length) throw externalError(tensor.name, 'could not be read whole');
      tensor.rawData = data;
    } finally {
      await handle.close();
    }
    tensor.dataLocation = TensorProto_DataLocation.DEFAULT;
    tensor.externalData = [];
  }
  return [...files].map(([file, location]) => ({ path: location, file }));
}

async function confine(folder: string, name: string, location: string): Promise<string> {
  if (location === '') throw externalError(name, 'names no file');
  if (path.isAbsolute(location) || path.win32.isAbsolute(location)) {
    throw externalError(name, `names the absolute path "${location}"`);
  }
  const wanted = path.resolve(folder, location);
  const inside = (file: string) => file === folder || file.startsWith(folder + path.sep);
  if (!inside(wanted)) throw externalError(name, `points outside the model's folder ("${location}")`);
  const real = await realpath(wanted).catch(() => {
    throw externalError(name, `names "${location}", which is not there`);
  });
  // A link inside the folder may lead out of it.
  if (!inside(real)) throw externalError(name, `reaches outside the model's folder through a link ("${location}")`);
  return real;
}

function externalError(name: string, what: string): RobustnessError {
  return new RobustnessError(
    'model/external-data',
    `External data of tensor "${name}" ${what}.`,
    "Put the weights file into the model's own folder, as the exporter wrote it.",
  );
}

function wholeNumber(text: string): number {
  return /^\d{1,15}$/.test(text) ? Number(text) : Number.NaN;
}

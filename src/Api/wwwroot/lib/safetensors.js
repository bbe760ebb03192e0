// Reads a traced reply in binary: a safetensors file of float32 matrices, with the rest of the reply in its metadata.

export function read(bytes) {
  const length = Number(new DataView(bytes).getBigUint64(0, true));
  const { __metadata__: metadata, ...entries } = JSON.parse(new TextDecoder().decode(new Uint8Array(bytes, 8, length)));
  const tensors = Object.fromEntries(Object.entries(entries).map(([name, { shape: [rows, columns], data_offsets: [begin] }]) =>
    [name, Array.from({ length: rows }, (_, row) => new Float32Array(bytes, 8 + length + begin + 4 * row * columns, columns))]));
  return { tensors, reply: JSON.parse(metadata.reply) };
}

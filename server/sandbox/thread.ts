import { readFile } from 'node:fs/promises';
import { createRequire } from 'node:module';
import { parentPort } from 'node:worker_threads';
import variant from '@jitl/quickjs-wasmfile-release-sync';
import { newQuickJSWASMModuleFromVariant, newVariant, type QuickJSWASMModule } from 'quickjs-emscripten-core';
import { evaluate } from './evaluate';
import { type FromThread, type Job, limits } from './protocol';

/**
 * A thread of the runner process (entry of its own). One job at a time. A WASM instance serves one organization and is thrown away after
 * any error, so nothing that went wrong in one run can be met by the next.
 */
const port = parentPort;
if (!port) throw new Error('server/sandbox/thread.ts runs in a worker thread');

const compiled = readFile(createRequire(import.meta.url).resolve('@jitl/quickjs-wasmfile-release-sync/wasm')).then((bytes) => WebAssembly.compile(bytes));
let current: { organizationId: string; module: QuickJSWASMModule; memory: WebAssembly.Memory } | undefined;

async function instanceFor(organizationId: string) {
  if (current?.organizationId === organizationId) return current;
  const wasmModule = await compiled;
  const memory = new WebAssembly.Memory({ initial: limits.initialPages, maximum: limits.maximumPages });
  // setMemoryLimit alone does not hold: the cap on the memory itself does
  const module = await newQuickJSWASMModuleFromVariant(newVariant(variant, { wasmModule: async () => wasmModule, wasmMemory: async () => memory }));
  current = { organizationId, module, memory };
  return current;
}

port.on('message', async (job: Job) => {
  const instance = await instanceFor(job.organizationId);
  const { answer, clean } = evaluate(instance.module, job);
  const grown = instance.memory.buffer.byteLength > limits.initialPages * 65536 * 2;
  if (!clean || grown) current = undefined;
  port.postMessage({ answer, retire: grown } satisfies FromThread);
});

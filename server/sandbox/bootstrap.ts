import { limits } from './protocol';

/**
 * Guest code that runs before the user's: puts the constants in place and makes `console`. Returns the function that turns the user's value into
 * JSON text, with the JSON object as it was before user code could replace it. `send` is reachable by no name.
 */
export const bootstrap = `(function (send, text) {
  'use strict';
  const { parse, stringify } = JSON;
  const { slice } = String.prototype;
  const call = Function.prototype.call.bind(Function.prototype.call);
  const values = parse(text);
  for (const name of Object.keys(values)) {
    Object.defineProperty(globalThis, name, { value: values[name], enumerable: true, configurable: true, writable: false });
  }
  const words = (v) => {
    if (typeof v === 'string') return v;
    if (v instanceof Error) return v.name + ': ' + v.message;
    try { const t = stringify(v); return t === undefined ? String(v) : t; } catch { return '[a value that cannot be shown]'; }
  };
  let lines = 0;
  const at = (level) => (...args) => {
    if (++lines > ${limits.logLines}) return;
    let line = '';
    for (let i = 0; i < args.length && line.length < ${limits.logLength}; i++) line += (i ? ' ' : '') + call(slice, words(args[i]), 0, ${limits.logLength});
    send(level, call(slice, line, 0, ${limits.logLength}));
  };
  globalThis.console = { log: at('info'), info: at('info'), debug: at('debug'), warn: at('warn'), error: at('error') };
  return (value) => { const t = stringify(value); return t === undefined ? 'null' : t; };
})`;

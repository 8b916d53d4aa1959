import { readFile } from 'node:fs/promises';

/** JSON given on the command line, or `@FILE` with it; `option` names it in the error. */
export async function readJson(given: string, option: string): Promise<unknown> {
  const text = given.startsWith('@') ? await readFile(given.slice(1), 'utf8') : given;
  try {
    return JSON.parse(text);
  } catch (error) {
    throw new Error(`${option} wants JSON, or @FILE with JSON: ${(error as Error).message}`);
  }
}

import type { Json } from '@/core/workflow/workflow';
import { describeData } from './describe-data';
import { extractSentences } from './extract';
import { simulateObject } from './simulate-object';

/** Stands first in every simulated text, so that nobody takes it for a model's. */
export const simulatedLabel = 'Simulated answer: no model is connected, so this was picked from the given text by rule.';

/** About four characters make a token. */
export const estimateTokens = (text: string): number => Math.ceil(text.length / 4);

/**
 * The `sandbox` models: no network, no key, no randomness. Picks out of the prompt what bears on its first paragraph (the question); describes data
 * when the rest is JSON. Honest about being no model.
 */
export function simulate(request: { system?: string; prompt: string; maxOutputTokens?: number; schema?: Json }): {
  text: string;
  object?: Json;
  usage: { inputTokens: number; outputTokens: number };
} {
  const { question, material } = parts(request.prompt);
  const findings = findingsOf(question, material);
  const inputTokens = estimateTokens(`${request.system ?? ''}${request.prompt}`);
  if (request.schema !== undefined) {
    const object = simulateObject(request.schema, findings);
    const text = JSON.stringify(object);
    return { text, object, usage: { inputTokens, outputTokens: estimateTokens(text) } };
  }
  const body = findings.length > 0 ? findings.map((f) => `- ${f}`).join('\n') : 'Nothing was given to work on.';
  const text = shortened(`${simulatedLabel}\n\n${body}`, request.maxOutputTokens);
  return { text, usage: { inputTokens, outputTokens: estimateTokens(text) } };
}

/** The first paragraph asks; what follows is to be worked on. A single paragraph is both. */
function parts(prompt: string): { question: string; material: string } {
  const trimmed = prompt.trim();
  const gap = /\n\s*\n/.exec(trimmed);
  if (!gap) return { question: trimmed, material: trimmed };
  return { question: trimmed.slice(0, gap.index), material: trimmed.slice(gap.index + gap[0].length) };
}

function findingsOf(question: string, material: string): string[] {
  const data = parseData(material);
  if (data !== undefined) return describeData(data);
  return extractSentences(question, material, 7).map(({ label, text }) => (label ? `${label}: ${text}` : text));
}

function parseData(material: string): Json | undefined {
  if (!/^\s*[[{]/.test(material)) return undefined;
  try {
    return JSON.parse(material) as Json;
  } catch {
    return undefined;
  }
}

/** Ends at a line, as a model that stops early would not, but a reader likes. */
function shortened(text: string, maxTokens: number | undefined): string {
  const most = (maxTokens ?? 100_000) * 4;
  if (text.length <= most) return text;
  const cut = text.slice(0, most);
  const line = cut.lastIndexOf('\n- ');
  return line > simulatedLabel.length + 40 ? cut.slice(0, line) : cut;
}

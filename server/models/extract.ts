const stopWords = new Set(
  `a about after all also am an and any are as at be because been before being between both but by can could did do does during each few for from further get give had has have having he her here him his how i if in into is it its just like make many may me more most much must my no nor not now of off on once one only or other our out over own per same say says see she should since so some such than that the their them then there these they this those through to too two under until up upon us use used very was we were what when where which while who whom why will with within without would you your write summarise summarize analyse analyze describe list find following important findings data text passages given`.split(
    /\s+/,
  ),
);

const words = (text: string): string[] =>
  (text.toLowerCase().match(/[\p{L}\p{N}]{3,}/gu) ?? []).map((w) => w.replace(/(?<=[^s])s$/, '')).filter((w) => !stopWords.has(w));

interface Sentence {
  text: string;
  label: string;
  words: string[];
  order: number;
}

/** A line such as `Brazil (Economy): The economy …` has a label that its sentences keep. */
function sentencesOf(material: string): Sentence[] {
  const sentences: Sentence[] = [];
  for (const line of material.split('\n')) {
    const trimmed = line.trim().replace(/^[-*#>\s]+/, '');
    if (!trimmed) continue;
    const match = /^([^:.!?]{2,60}): (.{20,})$/s.exec(trimmed);
    const label = match?.[1] ?? '';
    const body = match?.[2] ?? trimmed;
    for (const text of body.split(/(?<=[.!?])\s+(?=[\p{Lu}\d"“])/u).flatMap((s) => (s.length > 240 ? s.split(/(?<=;)\s+/) : [s]))) {
      if (text.length >= 12) sentences.push({ text: text.length > 320 ? `${text.slice(0, 317)}…` : text, label, words: words(text), order: sentences.length });
    }
  }
  return sentences;
}

/**
 * The sentences of a text that say most about a question: those whose words are frequent in the text and occur in the question, each label
 * heard in turn, without near repetitions. Deterministic. In the order of the text.
 */
export function extractSentences(question: string, material: string, count: number): { label: string; text: string }[] {
  const sentences = sentencesOf(material);
  const frequency = new Map<string, number>();
  for (const s of sentences) for (const w of new Set(s.words)) frequency.set(w, (frequency.get(w) ?? 0) + 1);
  const asked = new Set(words(question));
  const score = (s: Sentence) => {
    const unique = [...new Set(s.words)];
    const common = unique.reduce((sum, w) => sum + Math.log(1 + (frequency.get(w) ?? 0)), 0) / Math.sqrt(unique.length + 4);
    return common + unique.filter((w) => asked.has(w)).length * 4 + (/\d/.test(s.text) ? 0.5 : 0);
  };
  const ranked = sentences.map((s) => ({ s, score: score(s) })).sort((a, b) => b.score - a.score || a.s.order - b.s.order);
  const chosen: Sentence[] = [];
  const perLabel = new Map<string, number>();
  for (const most of [1, 2, count]) {
    for (const { s } of ranked) {
      if (chosen.length === count) break;
      if (chosen.includes(s) || (s.label && (perLabel.get(s.label) ?? 0) >= most) || chosen.some((c) => overlap(c, s) > 0.7)) continue;
      chosen.push(s);
      if (s.label) perLabel.set(s.label, (perLabel.get(s.label) ?? 0) + 1);
    }
  }
  return chosen.sort((a, b) => a.order - b.order).map(({ label, text }) => ({ label, text }));
}

function overlap(a: Sentence, b: Sentence): number {
  const of = new Set(b.words);
  const shared = new Set(a.words.filter((w) => of.has(w))).size;
  return shared / Math.max(1, Math.min(new Set(a.words).size, of.size));
}

/** Help with `code` in backticks. */
export function HelpText({ text }: { text: string }) {
  return text.split('`').map((part, index) =>
    // biome-ignore lint/suspicious/noArrayIndexKey: the parts of a constant text
    index % 2 === 1 ? <code key={index}>{part}</code> : part,
  );
}

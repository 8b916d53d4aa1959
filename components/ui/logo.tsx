/** The mark: a thread through the eye of a heddle. */
export function LogoMark({ size = 28 }: { size?: number }) {
  return (
    <svg width={size} height={size} viewBox="0 0 28 28" fill="none" aria-hidden focusable="false">
      <rect width="28" height="28" rx="8" fill="#5b5bd6" />
      <g stroke="#fff" strokeWidth="2" strokeLinecap="round">
        <path d="M14 4.5v4.4M14 19.1v4.4" />
        <ellipse cx="14" cy="14" rx="3.6" ry="5" />
        <path d="M4.5 17.5c4-.2 6-3.5 9.500-3.500s5.500-3.300 9.500-3.500" />
      </g>
    </svg>
  );
}

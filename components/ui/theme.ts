import { type CSSVariablesResolver, createTheme, type MantineColorsTuple } from '@mantine/core';

const iris: MantineColorsTuple = ['#f3f3ff', '#e6e7ff', '#cbcdff', '#b3b6fd', '#a9aaff', '#7a7ae6', '#5b5bd6', '#4f4ec2', '#4241a6', '#333287'];
const red: MantineColorsTuple = ['#fff0f1', '#ffe0e2', '#ffc4c8', '#ffa8ad', '#ff8f94', '#e5484d', '#c02433', '#a81c2a', '#8c1522', '#6e0f1a'];
const green: MantineColorsTuple = ['#ecfaf2', '#d9f4e5', '#b0e9cb', '#7fdfb0', '#4fd69c', '#1fa86f', '#0b7a4b', '#08683f', '#065634', '#044327'];
const yellow: MantineColorsTuple = ['#fff8e8', '#fff0cf', '#ffe3a6', '#fbd27c', '#f3c261', '#c98a12', '#8a5a00', '#764c00', '#623f00', '#4d3100'];
const gray: MantineColorsTuple = ['#f6f6f8', '#eeeef2', '#e3e3e9', '#d6d7df', '#c6c7d1', '#6c6f7c', '#5d606c', '#494c57', '#33353d', '#1f2026'];
const dark: MantineColorsTuple = ['#eceef4', '#c3c6d1', '#a4a7b3', '#8f93a1', '#474b59', '#2f323d', '#262933', '#16181f', '#121419', '#0e0f14'];

/** The visual language of Heddle for Mantine: Geist, five type sizes, calm radii, iris. Colours that are not Mantine's live in tokens.css. */
export const theme = createTheme({
  primaryColor: 'iris',
  primaryShade: 6,
  colors: { iris, red, green, yellow, gray, dark },
  black: '#15161c',
  fontFamily: 'var(--font-sans), system-ui, sans-serif',
  fontFamilyMonospace: 'var(--font-mono), ui-monospace, monospace',
  fontSizes: { xs: '12px', sm: '13px', md: '14px', lg: '16px', xl: '20px' },
  lineHeights: { xs: '16px', sm: '18px', md: '20px', lg: '24px', xl: '28px' },
  spacing: { xs: '8px', sm: '12px', md: '16px', lg: '24px', xl: '32px' },
  radius: { xs: '4px', sm: '6px', md: '8px', lg: '12px', xl: '16px' },
  defaultRadius: 'md',
  shadows: {
    xs: 'var(--hd-shadow-card)',
    sm: 'var(--hd-shadow-card)',
    md: 'var(--hd-shadow-float)',
    lg: 'var(--hd-shadow-float)',
    xl: 'var(--hd-shadow-float)',
  },
  headings: {
    fontFamily: 'var(--font-sans), system-ui, sans-serif',
    fontWeight: '600',
    sizes: {
      h1: { fontSize: '20px', lineHeight: '28px' },
      h2: { fontSize: '16px', lineHeight: '24px' },
      h3: { fontSize: '14px', lineHeight: '20px' },
      h4: { fontSize: '14px', lineHeight: '20px' },
      h5: { fontSize: '13px', lineHeight: '18px' },
      h6: { fontSize: '12px', lineHeight: '16px' },
    },
  },
  cursorType: 'pointer',
  respectReducedMotion: true,
  components: {
    Button: { defaultProps: { size: 'sm' }, styles: { label: { fontWeight: 600 } } },
    ActionIcon: { defaultProps: { variant: 'subtle', color: 'gray', size: 36 } },
    Tooltip: { defaultProps: { openDelay: 300, withArrow: false, fz: 12, color: 'dark', events: { hover: true, focus: true, touch: false } } },
    InputWrapper: { styles: { label: { fontWeight: 500, marginBottom: 4 }, description: { color: 'var(--hd-text-dim)', fontSize: 12 } } },
    Modal: { defaultProps: { centered: true, radius: 'lg', overlayProps: { backgroundOpacity: 0.4 } }, styles: { title: { fontWeight: 600, fontSize: 16 } } },
    Menu: { defaultProps: { shadow: 'md', radius: 'md' } },
    Paper: { defaultProps: { radius: 'lg' } },
    Select: { defaultProps: { allowDeselect: false } },
    Table: { defaultProps: { verticalSpacing: 'sm' } },
    Anchor: { defaultProps: { underline: 'hover' } },
  },
});

const softColors = [
  ['red', 'failed'],
  ['green', 'succeeded'],
  ['yellow', 'waiting'],
] as const;

/** Points Mantine's own variables at Heddle's tokens, so that one change of attribute recolours everything, high contrast included. */
export const cssVariables: CSSVariablesResolver = () => {
  const shared: Record<string, string> = {
    '--mantine-color-iris-light': 'var(--hd-accent-soft)',
    '--mantine-color-iris-light-color': 'var(--hd-accent-text)',
    '--mantine-color-text': 'var(--hd-text)',
    '--mantine-color-body': 'var(--hd-body)',
    '--mantine-color-dimmed': 'var(--hd-text-dim)',
    '--mantine-color-placeholder': 'var(--hd-text-dim)',
    '--mantine-color-anchor': 'var(--hd-accent-text)',
    '--mantine-color-error': 'var(--hd-failed)',
    '--mantine-color-success': 'var(--hd-succeeded)',
    '--mantine-color-default-border': 'var(--hd-line-strong)',
    '--mantine-color-default-hover': 'var(--hd-hover)',
    '--mantine-color-default-color': 'var(--hd-text)',
    '--mantine-color-disabled-color': 'var(--hd-text-dim)',
  };
  // The soft variants (alerts, light buttons) in the colours of the statuses.
  for (const [color, token] of softColors) {
    shared[`--mantine-color-${color}-light`] = `var(--hd-${token}-soft)`;
    shared[`--mantine-color-${color}-light-color`] = `var(--hd-${token})`;
  }
  return { variables: {}, light: shared, dark: shared };
};

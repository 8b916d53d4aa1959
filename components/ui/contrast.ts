/** The third choice beside light and dark. Kept in localStorage; without a choice the system's prefers-contrast decides. */
export type Contrast = 'auto' | 'more' | 'normal';
const key = 'heddle-contrast';

/** Runs before the first paint, with the page's nonce, so that high contrast never flashes. */
export const contrastScript = `try{var c=localStorage.getItem('${key}');if(c==='more'||(c!=='normal'&&matchMedia('(prefers-contrast: more)').matches))document.documentElement.setAttribute('data-contrast','more')}catch(e){}`;

export function isHighContrast(): boolean {
  return document.documentElement.dataset.contrast === 'more';
}

export function setContrast(contrast: Contrast): void {
  try {
    if (contrast === 'auto') window.localStorage.removeItem(key);
    else window.localStorage.setItem(key, contrast);
  } catch {
    // Private windows may refuse storage; the choice then lasts as long as the page.
  }
  const more = contrast === 'more' || (contrast === 'auto' && window.matchMedia('(prefers-contrast: more)').matches);
  if (more) document.documentElement.dataset.contrast = 'more';
  else delete document.documentElement.dataset.contrast;
}

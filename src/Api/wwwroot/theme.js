// Which theme is shown. It runs before anything is painted, so that nobody in the dark is dazzled.
'use strict';
{
  const dark = matchMedia('(prefers-color-scheme: dark)');
  const show = () => {
    const choice = localStorage.getItem('theme') ?? 'auto';
    document.documentElement.dataset.theme = choice === 'auto' ? (dark.matches ? 'dark' : 'light') : choice;
    dispatchEvent(new Event('themechange'));
  };
  dark.addEventListener('change', show);
  addEventListener('themechoice', show);
  addEventListener('storage', show);
  show();
}

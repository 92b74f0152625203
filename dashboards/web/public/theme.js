// Before anything is drawn: a theme that was chosen holds, else the system's (style/tokens.css).
{
  const theme = localStorage.getItem('tocsin.theme');
  if (theme === 'dark' || theme === 'light') document.documentElement.dataset.theme = theme;
}

'use strict';
// Filters what is on the page, and keeps a live page up to date. Without it the pages show everything as it was.
(() => {
  const $ = id => document.getElementById(id);
  const filter = () => {
    const table = $('targets'), board = $('board'), shown = $('shown');
    let rows = [], keep = () => true;
    if (table) {
      const words = $('filter').value.toLowerCase().split(/\s+/).filter(w => w);
      rows = [...table.tBodies[0].rows];
      keep = row => words.every(w => row.textContent.toLowerCase().includes(w));
    } else if (board) {
      rows = [...document.querySelectorAll('.offer')];
      keep = offer => !board.value || offer.dataset.board === board.value;
    }
    let count = 0;
    for (const row of rows) count += (row.hidden = !keep(row)) ? 0 : 1;
    if (shown) shown.textContent = count === rows.length ? '' : `${count} of ${rows.length} shown`;
  };
  for (const form of document.querySelectorAll('form.filter')) form.addEventListener('submit', e => e.preventDefault());
  for (const id of ['filter', 'board']) $(id)?.addEventListener('input', filter);
  filter();
  if (!document.querySelector('main[data-live]')) return;
  const follow = async () => {
    try {
      const answer = await fetch(location.href, { cache: 'no-store' });
      if (answer.ok) {
        const now = new DOMParser().parseFromString(await answer.text(), 'text/html');
        for (const id of ['counts', 'work', 'said']) {
          const fresh = now.getElementById(id);
          if ($(id) && fresh && $(id).innerHTML !== fresh.innerHTML) $(id).replaceChildren(...fresh.childNodes);
        }
        const rows = now.querySelector('#targets tbody');
        if ($('targets') && rows && $('targets').tBodies[0].dataset.said !== rows.textContent) {
          rows.dataset.said = rows.textContent;
          const focused = document.activeElement?.getAttribute('href');
          $('targets').tBodies[0].replaceWith(rows);
          if (focused) rows.querySelector(`a[href="${CSS.escape(focused)}"]`)?.focus();
          filter();
        }
      }
    } catch { /* the controller is away; the next try may find it */ }
    setTimeout(follow, 2000);
  };
  setTimeout(follow, 2000);
})();

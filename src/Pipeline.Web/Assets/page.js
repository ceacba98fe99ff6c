'use strict';
// What the pages do besides being read: filter, copy, say how long ago, and follow a controller. Each page is whole without it.
(() => {
  const all = (selector, root = document) => [...root.querySelectorAll(selector)];
  const main = document.querySelector('main');
  const form = document.querySelector('form.filter');
  const tell = text => { document.getElementById('news').textContent = text; };

  // --- Filters: each control of the form is named after what it filters by, and so is what the address of the page says.

  const items = () => all('[data-item]', main);
  const groupOf = item => item.closest('[data-group]');
  const textOf = item => `${groupOf(item)?.firstElementChild.textContent ?? ''} ${item.textContent}`.toLowerCase();

  const fits = wanted => item => Object.entries(wanted).every(([name, value]) =>
    name === 'q' ? value.toLowerCase().split(/\s+/).every(word => textOf(item).includes(word)) : !value || item.dataset[name] === value);

  // An image that is not there for the chosen board cannot be chosen.
  const narrow = () => {
    const { board, image } = form.elements;
    if (!board || !image) return;
    for (const option of image.options)
      option.disabled = !!option.value && !items().some(i => i.dataset.image === option.value && (!board.value || i.dataset.board === board.value));
    if (image.selectedOptions[0]?.disabled) image.value = '';
  };

  const filter = () => {
    if (!form) return;
    narrow();
    const wanted = Object.fromEntries(new FormData(form));
    for (const item of items()) item.hidden = !fits(wanted)(item);
    for (const group of all('[data-group]', main)) group.hidden = !group.querySelector('[data-item]:not([hidden])');
    const shown = items().filter(item => !item.hidden);
    document.getElementById('shown').textContent = shown.length === items().length ? '' : `${shown.length} of ${items().length} shown`;
    document.getElementById('none').hidden = shown.length > 0;
    const steps = shown.length === 1 && shown[0].querySelector('details.steps');
    if (steps) steps.open = true;
  };

  const write = () => {
    const query = new URLSearchParams([...new FormData(form)].filter(([, value]) => value)).toString();
    history.replaceState(null, '', query ? `?${query}` : location.pathname);
  };

  const read = query => {
    for (const control of form.elements) {
      if (control.type === 'radio') control.checked = control.value === (query.get(control.name) ?? '');
      else if (control.name) control.value = query.get(control.name) ?? '';
      if (control.type === 'select-one' && control.selectedIndex < 0) control.value = '';
    }
  };

  if (form) {
    read(new URLSearchParams(location.search));
    form.addEventListener('submit', event => event.preventDefault());
    form.addEventListener('input', () => { filter(); write(); });
    document.addEventListener('click', event => {
      if (!event.target.closest('button.clear')) return;
      read(new URLSearchParams());
      filter();
      write();
      form.querySelector('input, select').focus();
    });
    filter();
  }

  // --- Copying. Browsers allow it on encrypted and local pages only; elsewhere the text is marked for the keyboard.

  document.addEventListener('click', async event => {
    const button = event.target.closest('button.copy');
    if (!button) return;
    const code = button.parentElement.querySelector('code');
    let said = 'Copied';
    try {
      await navigator.clipboard.writeText(code.textContent);
    } catch {
      getSelection().selectAllChildren(code);
      said = 'Marked';
    }
    button.firstChild.data = said;
    tell(said);
    setTimeout(() => { button.firstChild.data = 'Copy'; }, 2000);
  });

  // --- Times: how long ago, and the time itself for those who point at it.

  const words = new Intl.RelativeTimeFormat('en', { numeric: 'auto' });
  const ago = time => {
    const seconds = (Date.now() - Date.parse(time.dateTime)) / 1000;
    for (const [unit, length] of [['day', 86400], ['hour', 3600], ['minute', 60]])
      if (seconds >= length) return words.format(-Math.floor(seconds / length), unit);
    return 'just now';
  };
  const age = () => {
    for (const time of all('time.ago')) {
      time.title ||= time.textContent;
      const said = ago(time);
      if (time.textContent !== said) time.textContent = said;
    }
  };
  age();
  setInterval(age, 10000);

  // --- Following a controller: the page is fetched again, and what differs is changed in place.

  if (!main.dataset.live) return;
  const beat = 1500;
  const live = document.getElementById('live');
  const kept = ['hidden', 'open', 'title'];

  // Makes an element like a fresh one. What is equal is not touched: focus, folded parts and what was typed stay.
  const patch = (old, fresh) => {
    if (old.nodeName !== fresh.nodeName || old.dataset?.key !== fresh.dataset?.key) { old.replaceWith(fresh); return; }
    if (old.nodeType === Node.TEXT_NODE) { if (old.data !== fresh.data) old.data = fresh.data; return; }
    if (old.dataset?.own || (old.nodeName === 'TIME' && old.dateTime === fresh.dateTime)) return;
    for (const { name, value } of fresh.attributes ?? [])
      if (!kept.includes(name) && old.getAttribute(name) !== value) old.setAttribute(name, value);
    for (const { name } of [...old.attributes ?? []])
      if (!kept.includes(name) && !fresh.hasAttribute(name)) old.removeAttribute(name);
    const before = [...old.childNodes];
    const after = [...fresh.childNodes];
    after.forEach((node, i) => { if (i < before.length) patch(before[i], node); else old.append(node); });
    for (const gone of before.slice(after.length)) gone.remove();
  };

  const states = () => new Map(all('[data-state]', main).map(item => [item.dataset.key, item.dataset.state]));

  const renew = text => {
    const before = states();
    const chosen = form && new URLSearchParams([...new FormData(form)]);
    patch(main, new DOMParser().parseFromString(text, 'text/html').querySelector('main'));
    // A state that nothing is in any more is no longer offered: then all are shown.
    if (form) read(chosen);
    if (form?.elements.state && !form.elements.state.value) form.elements.state[0].checked = true;
    age();
    filter();
    const changes = [...states()].filter(([key, state]) => before.has(key) && before.get(key) !== state);
    for (const [key] of changes)
      for (const item of all(`[data-key="${CSS.escape(key)}"]`, main)) item.classList.add('changed');
    if (changes.length) tell(changes.map(([key, state]) => `${key} is ${state}`).join(', '));
  };

  const show = isThere => {
    const said = isThere ? 'Live' : 'No answer, trying again';
    if (live.textContent !== said) live.textContent = said;
    live.classList.toggle('away', !isThere);
  };

  let last = '';
  let waiting = 0;
  const follow = async () => {
    clearTimeout(waiting);
    try {
      const answer = document.hidden ? null : await fetch(location.pathname, { cache: 'no-cache' });
      // A page that is gone says so itself.
      if (answer && !answer.ok && answer.status !== 404) throw new Error(answer.statusText);
      const text = await answer?.text();
      if (text && text !== last) renew(last = text);
      show(true);
    } catch {
      show(false);
    }
    waiting = setTimeout(follow, beat);
  };
  document.addEventListener('visibilitychange', () => { if (!document.hidden) follow(); });
  show(true);
  waiting = setTimeout(follow, beat);
})();

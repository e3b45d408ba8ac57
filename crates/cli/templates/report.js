'use strict';
(() => {
  const FOLD = 100, controls = document.querySelector('.controls');
  const field = (id) => document.getElementById(id), shown = field('shown');
  const tables = [...document.querySelectorAll('table')].map((table) => {
    const body = table.tBodies[0], rows = [...body.rows];
    const more = document.createElement('button');
    more.type = 'button';
    more.className = 'more';
    table.parentElement.after(more);
    const state = { table, body, rows, more, all: false };
    more.addEventListener('click', () => { state.all = !state.all; show(); });
    return state;
  });
  const texts = new Map();
  const text = (row) => {
    if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase());
    return texts.get(row);
  };
  function show() {
    const words = field('text').value.trim().toLowerCase().split(/\s+/), severity = field('severity').value;
    const project = field('project').value;
    const said = [];
    for (const state of tables) {
      let count = 0;
      for (const row of state.rows) {
        const fits = (!project || row.dataset.project === project)
          && (!severity || !row.dataset.severity || row.dataset.severity === severity)
          && words.every((word) => text(row).includes(word));
        if (fits) count += 1;
        row.classList.toggle('filtered', !fits);
        row.classList.toggle('away', !fits || (!state.all && count > FOLD));
      }
      state.more.hidden = count <= FOLD;
      state.more.textContent = state.all ? `Show the first ${FOLD}` : `Show all ${count}; the first ${FOLD} are shown`;
      state.more.setAttribute('aria-expanded', String(state.all));
      state.count = count;
    }
    for (const [id, what] of [['findings', 'findings'], ['days', 'clusters']]) {
      const state = tables.find((one) => one.table.closest('section').id === id);
      if (state) said.push(`${state.count} of ${state.rows.length} ${what}`);
    }
    shown.textContent = said.join(', ');
  }
  const key = (row, column) => {
    const cell = row.cells[column];
    return cell.dataset.key ?? cell.textContent.trim();
  };
  function sort(state, heading) {
    const descending = heading.getAttribute('aria-sort') === 'ascending';
    for (const other of heading.parentElement.cells) other.removeAttribute('aria-sort');
    heading.setAttribute('aria-sort', descending ? 'descending' : 'ascending');
    const order = new Intl.Collator('en', { numeric: true }), column = heading.cellIndex;
    state.rows = state.rows.map((row) => [key(row, column), row])
      .sort((a, b) => order.compare(a[0], b[0]) * (descending ? -1 : 1)).map(([, row]) => row);
    state.body.append(...state.rows);
    show();
  }
  for (const state of tables) {
    for (const heading of state.table.querySelectorAll('th[data-sort]')) {
      const button = document.createElement('button');
      button.type = 'button';
      button.textContent = heading.textContent;
      heading.replaceChildren(button);
      button.addEventListener('click', () => sort(state, heading));
    }
  }
  controls.addEventListener('input', show);
  controls.addEventListener('submit', (event) => event.preventDefault());
  show();
})();

'use strict';
(() => {
  const FOLD = 100, PRINTED = 12, controls = document.querySelector('.controls');
  const field = (id) => document.getElementById(id), shown = field('shown');
  const tables = [...document.querySelectorAll('table')].map((table) => {
    const body = table.tBodies[0], rows = [...body.rows];
    const more = document.createElement('button');
    more.type = 'button';
    more.className = 'more';
    table.parentElement.after(more);
    const cut = document.createElement('p');
    cut.className = 'cut';
    more.after(cut);
    const section = table.closest('section').id, filters = section !== 'totals';
    const state = { table, body, rows, more, cut, section, filters, fold: filters ? FOLD : 10, all: false };
    more.addEventListener('click', () => { state.all = !state.all; show(); });
    return state;
  });
  const texts = new Map();
  const text = (row) => {
    if (!texts.has(row)) texts.set(row, row.textContent.toLowerCase());
    return texts.get(row);
  };
  // Counts of findings by rule and by project, of those that fit the filter.
  function count(findings) {
    const totals = new Map();
    const of = (key) => totals.get(key) ?? totals.set(key, { findings: 0, clusters: new Set(), critical: 0, warning: 0, info: 0 }).get(key);
    for (const { dataset: { rule, severity, project, cluster } } of findings) {
      const own = of(`rule ${severity} ${rule}`);
      own.findings += 1;
      if (cluster) own.clusters.add(`${project} ${cluster}`);
      of(`project ${project}`)[severity] += 1;
    }
    return totals;
  }
  // Writes the counts of a row of totals. Returns whether there are any.
  function total({ dataset: { rule, severity, project }, cells }, totals) {
    const own = totals.get(rule ? `rule ${severity} ${rule}` : `project ${project}`);
    if (!own) return false;
    const numbers = rule ? [own.findings, own.clusters.size] : [own.critical, own.warning, own.info];
    numbers.forEach((number, index) => { cells[cells.length - numbers.length + index].textContent = number; });
    return true;
  }
  function show() {
    const words = field('text').value.trim().toLowerCase().split(/\s+/), severity = field('severity').value;
    const project = field('project').value;
    const said = [];
    const filters = (row) => (!project || row.dataset.project === project)
      && (!severity || row.dataset.severity.split(' ').includes(severity))
      && words.every((word) => text(row).includes(word));
    const totals = count((tables.find((state) => state.section === 'findings')?.rows ?? []).filter(filters));
    const everything = field('everything').checked;
    for (const state of tables) {
      let fitting = 0;
      for (const row of state.rows) {
        const fits = state.filters ? filters(row) : total(row, totals);
        if (fits) fitting += 1;
        row.classList.toggle('filtered', !fits);
        row.classList.toggle('away', !fits || (!state.all && fitting > state.fold));
        row.classList.toggle('beyond', fits && !everything && fitting > PRINTED);
      }
      state.more.hidden = fitting <= state.fold;
      state.more.textContent = state.all ? `Show the first ${state.fold}` : `Show all ${fitting}; the first ${state.fold} are shown`;
      state.more.setAttribute('aria-expanded', String(state.all));
      state.cut.hidden = everything || fitting <= PRINTED;
      state.cut.textContent = `The first ${PRINTED} of ${fitting} rows. The control “Print all rows” prints all.`;
      state.count = fitting;
    }
    for (const [id, what] of [['findings', 'findings'], ['days', 'clusters']]) {
      const state = tables.find((one) => one.section === id);
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
  const copy = async (command) => {
    try {
      await navigator.clipboard.writeText(command.textContent);
      return true;
    } catch {
      // Without the clipboard of a secure context, copy the selection.
      getSelection().selectAllChildren(command);
      return document.execCommand('copy');
    }
  };
  document.addEventListener('click', async ({ target }) => {
    if (!target.classList.contains('copy')) return;
    const copied = await copy(target.parentElement.querySelector('code'));
    target.textContent = copied ? 'Copied' : 'Selected';
    shown.textContent = copied ? 'Copied the command' : 'Selected the command';
  });
  controls.addEventListener('input', show);
  controls.addEventListener('submit', (event) => event.preventDefault());
  show();
  // After the first reading of the rows, so that the filter does not find the buttons.
  for (const command of document.querySelectorAll('#findings code')) {
    if (command.closest('.note')) continue;
    const button = document.createElement('button');
    button.type = 'button';
    button.className = 'copy';
    button.textContent = 'Copy';
    button.setAttribute('aria-label', 'Copy the command');
    command.after(' ', button);
  }
})();

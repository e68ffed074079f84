// The search over all sections: each word has to be somewhere in one; where it stands decides the order.
'use strict';
const box = document.getElementById('search');
const list = document.getElementById('found');
const count = document.getElementById('count');
const base = document.body.dataset.base;
const MOST = 12;

const sections = window.searchIndex.map(each => ({
  ...each,
  lowerHeading: each.heading.toLowerCase(),
  lower: `${each.page} ${each.heading} ${each.text}`.toLowerCase(),
}));

function weight(section, words) {
  let sum = 0;
  for (const word of words) {
    const at = section.lower.indexOf(word);
    if (at < 0) return 0;
    sum += 1;
    if (section.lowerHeading === word) sum += 20;
    else if (section.lowerHeading.includes(word)) sum += 8;
    if (section.page.toLowerCase().includes(word)) sum += 4;
  }
  return sum;
}

function excerpt(text, word) {
  const at = Math.max(0, text.toLowerCase().indexOf(word));
  const from = Math.max(0, at - 40);
  return (from ? '… ' : '') + text.slice(from, from + 140) + (text.length > from + 140 ? ' …' : '');
}

function search() {
  const words = box.value.toLowerCase().split(/\s+/).filter(Boolean);
  const found = words.length === 0 ? [] : sections
    .map(section => [weight(section, words), section])
    .filter(([sum]) => sum > 0)
    .sort(([a], [b]) => b - a);
  list.replaceChildren(...found.slice(0, MOST).map(([, section]) => {
    const link = document.createElement('a');
    link.href = base + section.at;
    const heading = document.createElement('b');
    heading.textContent = section.heading === section.page ? section.page : `${section.page}: ${section.heading}`;
    const text = document.createElement('span');
    text.textContent = excerpt(section.text, words[0]);
    link.append(heading, text);
    const item = document.createElement('li');
    item.append(link);
    return item;
  }));
  list.hidden = found.length === 0;
  count.textContent = words.length === 0 ? '' : found.length === 0 ? 'Nothing found.' : `${found.length} found`;
  count.className = words.length > 0 && found.length === 0 ? 'none' : 'hidden';
}

function move(step) {
  const links = [...list.querySelectorAll('a')];
  const next = links.indexOf(document.activeElement) + step;
  (next < 0 ? box : links[Math.min(next, links.length - 1)])?.focus();
}

box.addEventListener('input', search);
document.addEventListener('keydown', event => {
  const inSearch = event.target === box || list.contains(event.target);
  if (event.key === '/' && event.target.tagName !== 'INPUT') {
    event.preventDefault();
    box.focus();
  } else if (event.key === 'Escape' && inSearch) {
    box.value = '';
    search();
    box.focus();
  } else if (inSearch && (event.key === 'ArrowDown' || event.key === 'ArrowUp')) {
    event.preventDefault();
    move(event.key === 'ArrowDown' ? 1 : -1);
  } else if (event.target === box && event.key === 'Enter') {
    list.querySelector('a')?.click();
  }
});
list.addEventListener('click', () => { list.hidden = true; });

const wide = matchMedia('(min-width: 60rem)');
const contents = document.querySelector('nav details');
const fit = () => { contents.open = wide.matches; };
wide.addEventListener('change', fit);
fit();

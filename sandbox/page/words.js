// The choice between the page's words in Chinese and in English, and looking them up.
import EN from "./words_en.js";
import ZH from "./words_zh.js";

const TABLES = { zh: ZH, en: EN };
const KEY = "sandbox.language";

function firstLanguage() {
  const chosen = localStorage.getItem(KEY);
  if (chosen in TABLES) return chosen;
  const wanted = (navigator.languages ?? [navigator.language]).find((tag) => /^(zh|en)\b/i.test(tag));
  return wanted?.toLowerCase().startsWith("en") ? "en" : "zh";
}

let current = firstLanguage();

export const language = () => current;
export const locale = () => (current === "zh" ? "zh-CN" : "en-GB");

export function switchLanguage() {
  current = current === "zh" ? "en" : "zh";
  localStorage.setItem(KEY, current);
}

/** The words of `key`, or `otherwise`, with every {name} replaced from `values`. */
export function t(key, values = {}, otherwise = key) {
  const words = TABLES[current][key] ?? otherwise;
  return words.replace(/\{(\w+)\}/g, (whole, name) => values[name] ?? whole);
}

/** Fill the words of everything below `root` that index.html marks with data-word or data-word-label. */
export function fillWords(root) {
  for (const node of root.querySelectorAll("[data-word]")) node.textContent = t(node.dataset.word);
  for (const node of root.querySelectorAll("[data-word-label]")) {
    node.setAttribute("aria-label", t(node.dataset.wordLabel));
    if (node.tagName === "BUTTON") node.title = t(node.dataset.wordLabel);
  }
}

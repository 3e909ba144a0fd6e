// Brings the page with the check-in code up to date: the next digits when these are over, the counts in between.
"use strict";

const EVERY_MS = 4000;
const WINDOW_S = 60;
const body = document.body;
const at = (id) => document.getElementById(id);
let until = Date.now() + Number(body.dataset.seconds) * 1000;

function tick() {
  const left = Math.max((until - Date.now()) / 1000, 0);
  at("seconds").textContent = String(Math.ceil(left));
  at("left").style.width = `${Math.min(left / WINDOW_S, 1) * 100}%`;
}

function show(facts) {
  body.dataset.state = facts.state;
  at("title").textContent = facts.title;
  at("code").textContent = facts.code;
  if (facts.qr) at("qr").src = facts.qr;
  at("open").hidden = !facts.code;
  at("opens").textContent = facts.opens;
  at("opens").hidden = !facts.opens;
  at("over").hidden = !facts.over;
  at("there").textContent = facts.there;
  at("expected").textContent = facts.expected;
  until = Date.now() + facts.seconds * 1000;
  tick();
}

async function ask() {
  let wait = EVERY_MS;
  try {
    const answer = await fetch(`${location.pathname}/now`, { cache: "no-store" });
    if (!answer.ok) throw new Error(String(answer.status));
    const facts = await answer.json();
    show(facts);
    at("lost").hidden = true;
    wait = Math.min(EVERY_MS, facts.again * 1000 + 200);
  } catch {
    at("lost").hidden = false;
  }
  setTimeout(ask, wait);
}

tick();
setInterval(tick, 250);
setTimeout(ask, EVERY_MS / 2);

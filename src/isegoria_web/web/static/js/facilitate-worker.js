// Lets the page of one table open without a network: keeps that page and the files it is made of, nothing else.
// TABLE (page, shell, version, until) comes from the address that imports this file.
"use strict";

const PREFIX = `facilitate ${self.TABLE.page} `;
const CACHE = PREFIX + self.TABLE.version;
const PATIENCE = 4000; // milliseconds for a network that is there but answers nothing

async function keepPage(cache, response) {
  if (response.ok && !response.redirected && response.type === "basic") {
    await cache.put(self.TABLE.page, response.clone());
  } else if ([401, 403, 404, 410].includes(response.status)) {
    await cache.delete(self.TABLE.page); // She may no longer see it: neither may who holds the tablet.
  }
}

async function forget() {
  const names = await caches.keys();
  await Promise.all(names.filter((name) => name.startsWith(PREFIX)).map((name) => caches.delete(name)));
}

self.addEventListener("install", (event) => {
  event.waitUntil(
    (async () => {
      const cache = await caches.open(CACHE);
      await cache.addAll(self.TABLE.shell.map((address) => new Request(address, { cache: "reload" })));
      await keepPage(cache, await fetch(self.TABLE.page, { credentials: "same-origin", redirect: "manual" }));
      await self.skipWaiting();
    })(),
  );
});

self.addEventListener("activate", (event) => {
  event.waitUntil(
    (async () => {
      const names = await caches.keys();
      const older = names.filter((name) => name.startsWith(PREFIX) && name !== CACHE);
      await Promise.all(older.map((name) => caches.delete(name)));
      await self.clients.claim();
    })(),
  );
});

async function page(request) {
  const over = Date.now() > Date.parse(self.TABLE.until);
  if (over) await forget();
  const cache = over ? null : await caches.open(CACHE);
  const stopped = new AbortController();
  const timer = setTimeout(() => stopped.abort(), PATIENCE);
  try {
    const response = await fetch(request, cache ? { signal: stopped.signal } : {});
    if (cache) await keepPage(cache, response);
    return response;
  } catch (failure) {
    const kept = cache && (await cache.match(self.TABLE.page));
    if (kept) return kept;
    throw failure;
  } finally {
    clearTimeout(timer);
  }
}

async function part(request) {
  const cache = await caches.open(CACHE);
  return (await cache.match(request)) || fetch(request);
}

self.addEventListener("fetch", (event) => {
  const { request } = event;
  const address = new URL(request.url);
  if (request.method !== "GET" || address.origin !== self.location.origin) return;
  if (request.mode === "navigate" && address.pathname === self.TABLE.page) event.respondWith(page(request));
  else if (self.TABLE.shell.includes(address.pathname)) event.respondWith(part(request));
});

self.addEventListener("message", (event) => {
  if (event.data === "forget") event.waitUntil(forget().then(() => self.registration.unregister()));
});

// The printed QR code carries the letter's code after the #, which browsers never send to a server.
// This puts it into the field and takes it out of the address bar and the history.
const field = document.querySelector("input[name=code]");
const code = decodeURIComponent(location.hash.slice(1));
if (field && /^[0-9A-Za-z -]{16,24}$/.test(code)) {
  field.value = code;
  history.replaceState(null, "", location.pathname + location.search);
}
